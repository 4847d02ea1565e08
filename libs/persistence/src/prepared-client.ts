import { createHash } from 'node:crypto';
import { Client } from 'pg';
import type { Socket } from 'node:net';

const names = new Map<string, string>();

/** Statements that vary without end (lists of places for values) must not fill the server with plans. */
const MOST_STATEMENTS = 500;

/** The comment of a statement that is planned for its values each time: after five times Postgres plans without them, and then no index of a part of a table answers a list that asks for just this part. */
export const FOR_ITS_VALUES = 'planned for its values';
const forItsValues = `/* ${FOR_ITS_VALUES} */`;

/** What is read of an answer. */
type Result = { command: string };

const START = 'START TRANSACTION';
const NOTHING = { command: '', rowCount: null, oid: 0, rows: [], fields: [] };

/** A connection on which Postgres plans each statement once, and on which what is asked in one turn of the event loop leaves in one piece: a write has a dozen statements, and ways over the wire are what they cost. */
export class PreparedClient extends Client {
  #starts = false;

  constructor(config: object = {}) {
    super({ ...config, pipeline: true } as never);
    // Whoever asks next is told that the connection is gone; told to nobody, it would end the process.
    this.on('error', () => undefined);
  }

  // The signatures of `pg` are many; what is not a text with values goes on as it is.
  override query(...given: any[]): any {
    const [text, values, ...rest] = given;
    // A transaction begins with its first statement and on the same way; should it not begin, the connection is gone and the statement with it.
    if (text === START) {
      this.#starts = true;
      return Promise.resolve(NOTHING);
    }
    this.#together();
    if (this.#starts) {
      this.#starts = false;
      if (text === 'COMMIT' || text === 'ROLLBACK') return Promise.resolve(NOTHING);
      void (super.query(START) as Promise<unknown>).catch(() => undefined);
    }
    if (text === 'COMMIT') return (super.query(text) as unknown as Promise<Result>).then(committed);
    const once = typeof text !== 'string' || text.startsWith(forItsValues);
    const name = !once && Array.isArray(values) && values.length > 0 ? nameOf(text) : undefined;
    const query = Client.prototype.query as (...args: any[]) => any;
    return name ? query.call(this, { name, text, values }, ...rest) : query.apply(this, given);
  }

  #together(): void {
    const { stream } = (this as unknown as { connection: { stream: Socket } }).connection;
    stream.cork();
    process.nextTick(() => stream.uncork());
  }
}

/** Postgres answers a COMMIT after a refused statement with ROLLBACK, and calls that a success: whoever swallowed the refusal would take what is gone for written. */
function committed(result: Result): Result {
  if (result.command === 'ROLLBACK')
    throw new Error('Postgres took the transaction back at its end: one of its statements was refused.');
  return result;
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known || names.size >= MOST_STATEMENTS) return known;
  const name = `s${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
  names.set(text, name);
  return name;
}
