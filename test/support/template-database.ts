import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '#persistence/embedded';
import pg from 'pg';
import type { Service } from './services.js';

/** The template of every test's database. */
export const TEMPLATE = 'template_gateway';

/** One cluster per run, in its own directory, with a migrated template. It is removed at the end. */
export async function startTemplate(): Promise<Service> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gateway-test-postgres-'));
  // Accessible to the server's user, who is not root.
  await chmod(dataDir, 0o755);
  const postgres = await startEmbeddedPostgres({
    dataDir,
    settings: {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      max_connections: '300',
      // Its time of coming is no test's: plans and sessions would change under one.
      autovacuum: 'off',
    },
  });
  const stop = async () => {
    await postgres.stop();
    await rm(postgres.dataPath, { recursive: true, force: true, maxRetries: 5 });
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  await migrateTemplate(postgres.url);
  return { address: postgres.url, stop };
}

async function migrateTemplate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${TEMPLATE}`);
  await client.end();
  // Imported here: runs without a database do not load TypeORM.
  const { migrate } = await import('#persistence');
  await migrate(databaseUrl(url, TEMPLATE));
}

/** The address of another database on the same server. */
export function databaseUrl(url: string, database: string): string {
  return Object.assign(new URL(url), { pathname: database }).toString();
}
