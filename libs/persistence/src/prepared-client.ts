import { createHash } from 'node:crypto';
import { Client } from 'pg';

const names = new Map<string, string>();

/** Statements that vary without end (lists of places for values) must not fill the server with plans. */
const MOST_STATEMENTS = 500;

/** A connection on which Postgres parses and plans each statement with parameters once: our statements are few, and each write has a dozen. */
export class PreparedClient extends Client {
  // The signatures of `pg` are many; what is not a text with values goes on as it is.
  override query(...given: any[]): any {
    const [text, values, ...rest] = given;
    const name =
      typeof text === 'string' && Array.isArray(values) && values.length > 0 ? nameOf(text) : undefined;
    const query = Client.prototype.query as (...args: any[]) => any;
    return name ? query.call(this, { name, text, values }, ...rest) : query.apply(this, given);
  }
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known || names.size >= MOST_STATEMENTS) return known;
  const name = `s${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
  names.set(text, name);
  return name;
}
