import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '#persistence/embedded';
import pg from 'pg';
import type { Service } from './services.js';

/** The database that every test's own is cloned from. */
export const TEMPLATE = 'template_gateway';

/** One cluster for the run, in a directory of its own, with a migrated template. Nothing in it outlives the run. */
export async function startTemplate(): Promise<Service> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gateway-test-postgres-'));
  // Open to the server's own user, who is not root.
  await chmod(dataDir, 0o755);
  const postgres = await startEmbeddedPostgres({
    dataDir,
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
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
  // Only here: runs that need no database do not load TypeORM.
  const { migrate } = await import('#persistence');
  await migrate(databaseUrl(url, TEMPLATE));
}

/** The same server's address with another database in it. */
export function databaseUrl(url: string, database: string): string {
  return Object.assign(new URL(url), { pathname: database }).toString();
}
