import { DataSource, DefaultNamingStrategy } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { entities } from './entities/entities.js';
import { migrations } from './migrations/migrations.js';
import { PreparedClient } from './prepared-client.js';

/** An open transaction, to be handed on to stores; opaque outside this library. */
export type Tx = EntityManager;

/** Columns are snake_case in Postgres, camelCase in code. */
class SnakeNaming extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, char => `_${char.toLowerCase()}`);
  }
}

/** The settings of one process's pool; connects lazily, never synchronises the schema. */
export function createDataSource(url: string, poolSize = 10): DataSource {
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
      keepAlive: true,
      statement_timeout: 15_000,
      idle_in_transaction_session_timeout: 30_000,
    },
  });
}

// Any constant: every process that migrates takes the same advisory lock, so that replicas may start together.
const MIGRATION_LOCK = 7_236_491;

/** Brings a database up to date; safe when several processes call it at once. */
export async function migrate(url: string): Promise<void> {
  const source = await createDataSource(url, 2).initialize();
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

/** Gives transactions and single statements; the one door through which stores reach Postgres. */
export class Database {
  constructor(readonly source: DataSource) {}

  /** A manager outside any transaction: each statement is its own. */
  get direct(): Tx {
    return this.source.manager;
  }

  /** Runs `work` in one transaction (read committed); a throw rolls all of it back. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.source.transaction(work);
  }

  /** Answers when Postgres does; rejects otherwise. */
  async ping(): Promise<void> {
    await this.source.query('select 1');
  }
}
