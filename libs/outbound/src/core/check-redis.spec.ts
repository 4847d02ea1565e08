import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { clusterNode, flushableRedis, limitedUser } from '../../../../test/support/redis.js';
import { checkRedis } from './check-redis.js';

/** A node of a Cluster that owns these slots. */
async function node(from: number, to: number): Promise<{ url: string; port: number; client: Redis }> {
  const dir = await mkdtemp(join(tmpdir(), 'cluster-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const { url, port, stop } = await clusterNode(dir);
  onTestFinished(stop);
  const client = new Redis(url);
  onTestFinished(async () => client.disconnect());
  await client.cluster('ADDSLOTSRANGE', from, to);
  return { url, port, client };
}

/** How a node answers for a key. */
const answerFor = (client: Redis, key: string): Promise<string> =>
  client.exists(key).then(
    () => 'here',
    ({ message }: Error) => message.split(' ')[0]!,
  );

it('accepts a Cluster of one shard, which has every key', async () => {
  const { url, client } = await node(0, 16_383);
  await expect.poll(() => answerFor(client, '{lane}')).toBe('here');
  await expect(checkRedis(url)).resolves.toBeUndefined();
});

it('refuses a Cluster of several shards, of which no node has all keys', async () => {
  // {loyalty} is of slot 9439, {lane} of slot 11933.
  const [first, second] = await Promise.all([node(0, 10_000), node(10_001, 16_383)]);
  await first.client.cluster('MEET', '127.0.0.1', second.port);
  await expect.poll(() => answerFor(first.client, '{lane}')).toBe('MOVED');
  await expect.poll(() => answerFor(second.client, '{loyalty}')).toBe('MOVED');
  for (const { url } of [first, second])
    await expect(checkRedis(url)).rejects.toThrow(/^it is a Cluster of several shards/);
});

it('refuses a user who may not ask for INFO, without which lanes and queues do not work', async () => {
  const server = await flushableRedis();
  onTestFinished(() => server.stop());
  const { url, allow } = await limitedUser(server, '-@dangerous');
  await expect(checkRedis(url)).rejects.toThrow(/^NOPERM .*'info'/);
  await allow('+info');
  await expect(checkRedis(url)).resolves.toBeUndefined();
});
