import { DataSource, DefaultNamingStrategy } from 'typeorm';
import type { EntityManager, QueryRunner } from 'typeorm';
import { entities } from './entities/entities.js';
import { isDeadlock } from './error-code.js';
import { migrations } from './migrations/migrations.js';
import { PreparedClient } from './prepared-client.js';
import { isStoreAway } from './store-away.js';

/** Where statements run: an open transaction, or `Database.direct`, where each commits by itself; opaque outside this library. */
export type Tx = EntityManager;

declare const open: unique symbol;

/** An open transaction: for what locks rows until it ends. */
export type OpenTx = Tx & { readonly [open]: true };

/** Columns are snake_case in Postgres, camelCase in code. */
class SnakeNaming extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, char => `_${char.toLowerCase()}`);
  }
}

/** How long a pool keeps idle connections: a till that sells once a minute must not pay for new connections and plans each time. */
export const KEPT_WARM = { min: 4, idleTimeoutMillis: 60_000, keepAlive: true } as const;

/** Time limits of statements, in milliseconds; 0 = none. */
interface Patience {
  /** After this Postgres cancels the statement. */
  statementMs: number;
  /** After this silence the connection counts as lost: TCP alone would take a quarter of an hour to notice. */
  silenceMs: number;
}

const USUAL: Patience = { statementMs: 15_000, silenceMs: 20_000 };
// Building an index over years of sales, or waiting for another replica that builds it.
const MIGRATING: Patience = { statementMs: 0, silenceMs: 0 };

/** The settings of one process's pool; connects lazily, never synchronises the schema. */
export function createDataSource(url: string, poolSize = 10, patience = USUAL): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    poolSize,
    entities,
    migrations,
    synchronize: false,
    namingStrategy: new SnakeNaming(),
    connectTimeoutMS: 5_000,
    applicationName: 'loyalty-gateway',
    extra: {
      Client: PreparedClient,
      ...KEPT_WARM,
      // The connection is closed then, and the statements queued on it reject too.
      query_timeout: patience.silenceMs,
      statement_timeout: patience.statementMs,
      idle_in_transaction_session_timeout: 30_000,
    },
  });
}

// Any constant: every migrating process takes the same advisory lock, so that replicas may start together.
const MIGRATION_LOCK = 7_236_491;

/** Brings a database up to date, however long that takes; safe when several processes call it at once. */
export async function migrate(url: string): Promise<void> {
  const source = await createDataSource(url, 2, MIGRATING).initialize();
  const lock = source.createQueryRunner();
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await source.runMigrations({ transaction: 'each' });
  } finally {
    await lock.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await lock.release();
    await source.destroy();
  }
}

/** A statement that is sent with a transaction's COMMIT; its parameters are texts, so that it cannot fail before it is sent. */
export interface CommitStatement {
  sql: string;
  values: readonly (string | null | readonly (string | null)[])[];
  /** Called with the statement's rows after the commit. */
  seen?(rows: readonly Record<string, unknown>[]): void;
}

const atCommit = new WeakMap<Tx, CommitStatement>();

/** Keeps a statement until the transaction's COMMIT and sends both in one round trip: nothing in the transaction can read what it writes, and its error comes from `Database.transaction`. One per transaction; outside a transaction it is sent at once. */
export async function sendWithCommit(tx: Tx, statement: CommitStatement): Promise<void> {
  if (!tx.queryRunner?.isTransactionActive)
    statement.seen?.(await tx.query(statement.sql, [...statement.values]));
  else if (atCommit.has(tx)) throw new Error('One statement is sent with a COMMIT already.');
  else atCommit.set(tx, statement);
}

/** The connection was lost between COMMIT and its answer: whether the transaction was committed is unknown. */
export class CommitInDoubt extends Error {
  constructor(cause: unknown) {
    super('The answer to a COMMIT was lost.', { cause });
  }
}

/** How often a transaction is run that others lead into a deadlock each time; Postgres notices one after a second. */
const MOST_RUNS = 4;

/** Runs transactions and single statements; the only access of stores to Postgres. */
export class Database {
  constructor(readonly source: DataSource) {}

  /** Without a transaction: each statement commits by itself. */
  get direct(): Tx {
    return this.source.manager;
  }

  /** Runs `work` in one transaction (read committed); rolls back when it throws. Runs it again when Postgres ended it because of a deadlock. Throws `CommitInDoubt`. */
  async transaction<T>(work: (tx: OpenTx) => Promise<T>): Promise<T> {
    for (let runs = 1; ; runs++) {
      try {
        return await this.#once(work);
      } catch (error) {
        if (runs === MOST_RUNS || !isDeadlock(error)) throw error;
      }
    }
  }

  async #once<T>(work: (tx: OpenTx) => Promise<T>): Promise<T> {
    const runner = this.source.createQueryRunner();
    try {
      await runner.startTransaction();
      const done = await work(runner.manager as OpenTx);
      await commit(runner);
      return done;
    } catch (error) {
      // A lost connection has rolled back by itself; the first error is the one to report.
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }

  /** How many callers wait for a connection to Postgres now. */
  get waiting(): number {
    return (this.source.driver as unknown as { master?: { waitingCount: number } }).master?.waitingCount ?? 0;
  }

  /** The current wait for a connection to Postgres, in milliseconds, measured by taking one; if none can be opened, the time until that error. */
  async waited(): Promise<number> {
    const since = performance.now();
    const runner = this.source.createQueryRunner();
    await runner.connect().catch(() => undefined);
    const waitedMs = performance.now() - since;
    await runner.release();
    return waitedMs;
  }

  /** Postgres's current time, by which its rows are stamped. */
  async clock(): Promise<Date> {
    const [row] = await this.source.query('select clock_timestamp() as now');
    return row.now;
  }

  /** Resolves when Postgres answers and takes writes; rejects otherwise. */
  async ping(): Promise<void> {
    const [row] = await this.source.query(`select current_setting('transaction_read_only') as read_only`);
    if (row.read_only === 'on')
      throw new Error('Postgres is read-only: a standby, or set so, as where its disk is full');
  }
}

/** If the statement before it is refused, Postgres turns the COMMIT into a rollback. */
async function commit(runner: QueryRunner): Promise<void> {
  const statement = atCommit.get(runner.manager);
  const client = statement && ((await runner.connect()) as PreparedClient);
  const sent = client?.query(statement!.sql, [...statement!.values]) as Promise<{ rows: [] }> | undefined;
  const [last, committed] = await Promise.allSettled([sent, runner.commitTransaction()]);
  if (last.status === 'rejected') throw toldOf(last.reason);
  if (committed.status === 'rejected') throw toldOf(committed.reason);
  if (last.value) statement?.seen?.(last.value.rows);
}

const toldOf = (reason: unknown): unknown => (isStoreAway(reason) ? new CommitInDoubt(reason) : reason);
