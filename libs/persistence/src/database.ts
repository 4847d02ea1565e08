import { DataSource, DefaultNamingStrategy } from 'typeorm';
import type { EntityManager, QueryRunner } from 'typeorm';
import { entities } from './entities/entities.js';
import { migrations } from './migrations/migrations.js';
import { PreparedClient } from './prepared-client.js';
import { isStoreAway } from './store-away.js';

/** An open transaction, to be handed on to stores; opaque outside this library. */
export type Tx = EntityManager;

/** Columns are snake_case in Postgres, camelCase in code. */
class SnakeNaming extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, char => `_${char.toLowerCase()}`);
  }
}

/** How long a pool keeps what it opened: a till that sells once a minute must not pay for new connections and plans each time. */
export const KEPT_WARM = { min: 4, idleTimeoutMillis: 60_000, keepAlive: true } as const;

/** How long statements may take, in milliseconds; 0 = as long as they need. */
interface Patience {
  /** Postgres ends a statement by itself then. */
  statementMs: number;
  /** A connection on which Postgres says nothing for longer leads nowhere: TCP alone would take a quarter of an hour to see that. */
  silenceMs: number;
}

const USUAL: Patience = { statementMs: 15_000, silenceMs: 20_000 };
// An index over years of sales, or the turn behind another replica that builds it.
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
      // The connection is ended then, and whoever stands behind the statement on it is told as well.
      query_timeout: patience.silenceMs,
      statement_timeout: patience.statementMs,
      idle_in_transaction_session_timeout: 30_000,
    },
  });
}

// Any constant: every process that migrates takes the same advisory lock, so that replicas may start together.
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

/** A statement that nothing waits for but the end of its transaction; texts alone, so that it cannot fail before it is sent. */
export interface Closing {
  sql: string;
  values: readonly (string | null | readonly (string | null)[])[];
  /** Given the statement's rows once the transaction stands. */
  seen?(rows: readonly Record<string, unknown>[]): void;
}

const closings = new WeakMap<Tx, Closing>();

/** Leaves a transaction's last statement to be sent together with its COMMIT, on one way over the wire; outside a transaction it is sent at once. */
export async function closeWith(tx: Tx, closing: Closing): Promise<void> {
  const before = closings.get(tx);
  if (!tx.queryRunner?.isTransactionActive) closing.seen?.(await tx.query(closing.sql, [...closing.values]));
  else if (before) throw new Error('A transaction has one last statement.');
  else closings.set(tx, closing);
}

/** Postgres was lost between a COMMIT and its answer: nobody knows whether the transaction stands. */
export class CommitInDoubt extends Error {
  constructor(cause: unknown) {
    super('The answer to a COMMIT was lost.', { cause });
  }
}

/** Gives transactions and single statements; the one door through which stores reach Postgres. */
export class Database {
  constructor(readonly source: DataSource) {}

  /** A manager outside any transaction: each statement is its own. */
  get direct(): Tx {
    return this.source.manager;
  }

  /** Runs `work` in one transaction (read committed); a throw of its own rolls all of it back. Throws `CommitInDoubt`. */
  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const runner = this.source.createQueryRunner();
    try {
      await runner.startTransaction();
      const done = await work(runner.manager);
      await commit(runner);
      return done;
    } catch (error) {
      // A connection that is gone has rolled back by itself; what went wrong first is what is told.
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }

  /** How many stand in line for a connection to Postgres now. */
  get waiting(): number {
    return (this.source.driver as unknown as { master?: { waitingCount: number } }).master?.waitingCount ?? 0;
  }

  /** How long whoever asks now waits for a connection to Postgres, in milliseconds; found out by waiting for one. Where none can be had it is the time until that was known. */
  async waited(): Promise<number> {
    const since = performance.now();
    const runner = this.source.createQueryRunner();
    await runner.connect().catch(() => undefined);
    const waitedMs = performance.now() - since;
    await runner.release();
    return waitedMs;
  }

  /** Answers when Postgres does; rejects otherwise. */
  async ping(): Promise<void> {
    await this.source.query('select 1');
  }
}

/** Where the closing statement is refused, Postgres has made a rollback of the COMMIT behind it. */
async function commit(runner: QueryRunner): Promise<void> {
  const closing = closings.get(runner.manager);
  const client = closing && ((await runner.connect()) as PreparedClient);
  const closed = client?.query(closing!.sql, [...closing!.values]) as Promise<{ rows: [] }> | undefined;
  const [last, committed] = await Promise.allSettled([closed, runner.commitTransaction()]);
  if (last.status === 'rejected') throw toldOf(last.reason);
  if (committed.status === 'rejected') throw toldOf(committed.reason);
  if (last.value) closing?.seen?.(last.value.rows);
}

const toldOf = (reason: unknown): unknown => (isStoreAway(reason) ? new CommitInDoubt(reason) : reason);
