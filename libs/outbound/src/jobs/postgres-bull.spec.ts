import { runMigrations } from 'bullmq';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { createTestDatabase } from '../../../../test/support/database.js';
import { openRelay } from '../../../../test/support/relay.js';
import { openBull } from './bull.js';

it('reaches the store again when its connection died without a word', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await runMigrations(client, 'bullmq');
  await client.end();
  const relay = await openRelay(Number(new URL(database.url).port));
  onTestFinished(() => relay.close());
  const way = Object.assign(new URL(database.url), { hostname: '127.0.0.1', port: `${relay.port}` });
  const bull = openBull({ postgresUrl: way.toString(), schema: 'bullmq' });
  onTestFinished(async () => {
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
