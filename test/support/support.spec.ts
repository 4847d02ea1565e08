import { Redis } from 'ioredis';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { createTestDatabase } from './database.js';
import { flushableRedis, redisUrl } from './redis.js';
import { startServer } from './server.js';

async function tables(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_name = 'only_here'`,
  );
  await client.end();
  return rows.map(row => row.name);
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

describe('test services', () => {
  it('give each test its own database', async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await run(one.url, 'create table only_here ()');
    expect(await tables(one.url)).toEqual(['only_here']);
    expect(await tables(other.url)).toEqual([]);
    await Promise.all([one.drop(), other.drop()]);
    await expect(run(one.url, 'select 1')).rejects.toThrow(/does not exist/);
  });

  it('give a private Redis that can be flushed and restarted', async () => {
    const shared = new Redis(await redisUrl());
    const own = await flushableRedis();
    const client = new Redis(own.url, { retryStrategy: () => 20 });
    client.on('error', () => {});
    await shared.set('support-spec', 'kept');
    await client.set('support-spec', 'lost');
    await own.stop();
    await own.start();
    expect(await client.get('support-spec')).toBeNull();
    await client.flushall();
    expect(await shared.getdel('support-spec')).toBe('kept');
    client.disconnect();
    shared.disconnect();
    await own.stop();
  });

  it('serve a listener over real HTTP', async () => {
    const server = await startServer((request, response) => response.end(`you asked for ${request.url}`));
    expect(await (await fetch(`${server.url}/this`)).text()).toBe('you asked for /this');
    await server.close();
    await expect(fetch(server.url)).rejects.toThrow();
  });
});
