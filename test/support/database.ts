import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { service } from './service.js';
import { databaseUrl, TEMPLATE } from './template-database.js';

/** A migrated database of the caller's own. */
export interface TestDatabase {
  url: string;
  /** Drops it, also while connections are open. */
  drop(): Promise<void>;
}

/** Clones the template, in about 50 ms. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await service('postgres');
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  await command(server, `create database ${name} template ${TEMPLATE}`);
  return {
    url: databaseUrl(server, name),
    drop: () => command(server, `drop database ${name} with (force)`),
  };
}

async function command(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
