import { runMigrations } from 'bullmq';
import pg from 'pg';
import { afterEach, expect, it } from 'vitest';
import { createTestDatabase } from '../../../../test/support/database.js';
import { openRelay } from '../../../../test/support/relay.js';
import { openBull } from './bull.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it('reaches the store again when its connection died without a word', async () => {
  const database = await createTestDatabase();
  closing.push(() => database.drop());
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await runMigrations(client, 'bullmq');
  await client.end();
  const relay = await openRelay(Number(new URL(database.url).port));
  closing.push(() => relay.close());
  const way = Object.assign(new URL(database.url), { hostname: '127.0.0.1', port: `${relay.port}` });
  const bull = openBull({ postgresUrl: way.toString(), schema: 'bullmq' });
  closing.push(async () => {
    relay.cut();
    await bull.close();
  });
  const queue = bull.queue('works');
  await queue.add('before', {});
  relay.slow(Infinity);
  await expect(queue.add('lost', {})).rejects.toThrow();
  relay.slow(0);
  const added = () => queue.add('after', {}).then(({ name }) => name);
  await expect.poll(() => added().catch(() => undefined)).toBe('after');
});
