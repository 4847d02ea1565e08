import { createHash } from 'node:crypto';
import { Client } from 'pg';
import type { Socket } from 'node:net';

const names = new Map<string, string>();

/** Limits the plans kept on the server: statements with value lists vary without bound. */
const MOST_STATEMENTS = 500;

/** Marks a statement that is planned for its values each time: after five executions Postgres may plan without them and then cannot use a partial index. */
export const FOR_ITS_VALUES = 'planned for its values';
const forItsValues = `/* ${FOR_ITS_VALUES} */`;

/** The part of a result that is used here. */
type Result = { command: string };

const START = 'START TRANSACTION';
const NOTHING = { command: '', rowCount: null, oid: 0, rows: [], fields: [] };

/** A connection that prepares each statement once and sends all statements of one event-loop turn in one packet: a write has a dozen statements, and round trips are most of their cost. */
export class PreparedClient extends Client {
  #starts = false;

  constructor(config: object = {}) {
    super({ ...config, pipeline: true } as never);
    // The next query rejects by itself; an `error` event without a listener would end the process.
    this.on('error', () => undefined);
  }

  // `pg` has many signatures; everything but a text with values is passed on unchanged.
  override query(...given: any[]): any {
    const [text, values, ...rest] = given;
    // START is sent with the first statement, in one round trip; if it fails, the connection is lost and the statement with it.
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

/** Postgres answers COMMIT after a refused statement with a successful ROLLBACK: a caller that swallowed the refusal would believe that its rows were written. */
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
