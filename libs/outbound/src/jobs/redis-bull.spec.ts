import { expect, it, onTestFinished } from 'vitest';
import { openRelay } from '../../../../test/support/relay.js';
import { flushableRedis } from '../../../../test/support/redis.js';
import { RedisBull } from './redis-bull.js';

it('reaches the store again when its connection died without a word, for queues and for workers', async () => {
  const server = await flushableRedis();
  onTestFinished(() => server.stop());
  const relay = await openRelay(Number(new URL(server.url).port));
  onTestFinished(() => relay.close());
  const bull = new RedisBull(`redis://127.0.0.1:${relay.port}`, '{spec}');
  onTestFinished(() => bull.close());
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

it('lets many wait for a store that is away, without a warning of too many listeners', async () => {
  const nobody = await openRelay(1);
  await nobody.close();
  const bull = new RedisBull(`redis://127.0.0.1:${nobody.port}`, '{spec}');
  onTestFinished(() => bull.close());
  const warnings: string[] = [];
  const note = ({ name }: Error) => warnings.push(name);
  process.on('warning', note);
  onTestFinished(async () => void process.off('warning', note));
  const queue = bull.queue('waits');
  const adds = await Promise.allSettled(Array.from({ length: 100 }, () => queue.add('one', {})));
  expect(adds.every(({ status }) => status === 'rejected')).toBe(true);
  expect(warnings).toEqual([]);
});
