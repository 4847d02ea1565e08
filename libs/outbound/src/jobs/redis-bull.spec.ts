import { afterEach, expect, it } from 'vitest';
import { openRelay } from '../../../../test/support/relay.js';
import { flushableRedis } from '../../../../test/support/redis.js';
import { RedisBull } from './redis-bull.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it('reaches the store again when its connection died without a word, for queues and for workers', async () => {
  const server = await flushableRedis();
  closing.push(() => server.stop());
  const relay = await openRelay(Number(new URL(server.url).port));
  closing.push(() => relay.close());
  const bull = new RedisBull(`redis://127.0.0.1:${relay.port}`, '{spec}');
  closing.push(() => bull.close());
  const done: string[] = [];
  const queue = bull.queue('works');
  bull.worker('works', async job => void done.push(job.name), { concurrency: 1 });
  await queue.add('before', {});
  await expect.poll(() => done).toEqual(['before']);
  relay.slow(Infinity);
  await expect(queue.add('lost', {})).rejects.toThrow();
  relay.slow(0);
  const added = () => queue.add('after', {}).then(({ name }) => name);
  await expect.poll(() => added().catch(() => undefined)).toBe('after');
  await expect.poll(() => done).toContain('after');
});
