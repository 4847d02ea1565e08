import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { openRelay } from '../../../../test/support/relay.js';
import { flushableRedis, limitedUser } from '../../../../test/support/redis.js';
import { BullJobs } from './bull-jobs.js';
import { RedisBull } from './redis-bull.js';

it('reaches the store again when its connection died without a word, for queues and for workers', async () => {
  const server = await flushableRedis();
  onTestFinished(() => server.stop());
  const relay = await openRelay(Number(new URL(server.url).port));
  onTestFinished(() => relay.close());
  const bull = new RedisBull(`redis://127.0.0.1:${relay.port}`, '{spec}');
  onTestFinished(() => bull.close());
  const done: string[] = [];
  const queue = await bull.queue('works');
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

it('reaches a store that did not answer at first', async () => {
  const server = await flushableRedis();
  onTestFinished(() => server.stop());
  const relay = await openRelay(Number(new URL(server.url).port));
  onTestFinished(() => relay.close());
  const bull = new RedisBull(`redis://127.0.0.1:${relay.port}`, '{spec}');
  onTestFinished(() => bull.close());
  await expect.poll(() => bull.ping().catch(() => 'away')).toBeUndefined();
  relay.slow(Infinity);
  const jobs = new BullJobs(bull, () => new Date());
  await expect(jobs.ensurePump('lane')).rejects.toThrow();
  relay.slow(0);
  await expect.poll(() => jobs.ensurePump('lane').catch(() => 'away')).toBeUndefined();
});

it('gives its worker jobs also where the store refused its first question, and holds up nobody meanwhile', async () => {
  const server = await flushableRedis();
  onTestFinished(() => server.stop());
  const { url, allow } = await limitedUser(server, '-@dangerous');
  const told: string[] = [];
  const bull = new RedisBull(url, '{spec}', (_level, message) => told.push(message));
  onTestFinished(() => bull.close());
  const done: string[] = [];
  bull.worker('works', async job => void done.push(job.name), { concurrency: 1 });
  await expect.poll(() => told).not.toEqual([]);
  await allow('+info');
  const added = async () => (await bull.queue('works')).add('after', {});
  await expect
    .poll(() =>
      added()
        .then(({ name }) => name)
        .catch(() => undefined),
    )
    .toBe('after');
  await expect.poll(() => done).toContain('after');
});

it('asks for its next job at leisure while the store refuses', async () => {
  const server = await flushableRedis();
  onTestFinished(() => server.stop());
  const admin = new Redis(server.url);
  onTestFinished(async () => admin.disconnect());
  const { url } = await limitedUser(server, '-@scripting');
  const bull = new RedisBull(url, '{spec}');
  onTestFinished(() => bull.close());
  bull.worker('works', async () => undefined, { concurrency: 1 });
  const refused = async () => {
    const log = (await admin.acl('LOG')) as unknown[][];
    return log.reduce((sum, line) => sum + Number(line[line.indexOf('count') + 1]), 0);
  };
  await expect.poll(refused).toBeGreaterThan(0);
  let looks = 0;
  await expect.poll(() => ++looks, { interval: 50 }).toBe(40);
  expect(await refused()).toBeLessThan(looks);
});

/** A queue and a worker on a server whose place another takes, without a connection being cut. */
async function replaced() {
  const [old, next] = [await flushableRedis(), await flushableRedis()];
  onTestFinished(() => old.stop());
  onTestFinished(() => next.stop());
  const [oldPort, nextPort] = [old, next].map(({ url }) => Number(new URL(url).port)) as [number, number];
  const relay = await openRelay(oldPort);
  onTestFinished(() => relay.close());
  const bull = new RedisBull(`redis://127.0.0.1:${relay.port}`, '{spec}');
  onTestFinished(() => bull.close());
  const replace = async () => {
    relay.lead(nextPort);
    const admin = new Redis(old.url);
    // Of nobody, since a replica stores what it is sent beside this repository's files.
    await admin.replicaof('127.0.0.1', 1);
    admin.disconnect();
  };
  return { bull, replace };
}

it('follows to the new master when the old one becomes a replica and keeps its connections', async () => {
  const { bull, replace } = await replaced();
  const done: string[] = [];
  const queue = await bull.queue('works');
  bull.worker('works', async job => void done.push(job.name), { concurrency: 1 });
  await queue.add('before', {});
  await expect.poll(() => done).toEqual(['before']);
  await replace();
  const added = () => queue.add('after', {}).then(({ name }) => name);
  await expect.poll(() => added().catch(() => undefined)).toBe('after');
  await expect.poll(() => done).toContain('after');
});

it('does not count a replica as a store that can be used', async () => {
  const { bull, replace } = await replaced();
  await expect.poll(() => bull.ping().catch(() => 'away')).toBeUndefined();
  await replace();
  await expect(bull.ping()).rejects.toThrow('READONLY');
  await expect.poll(() => bull.ping().catch(() => 'away')).toBeUndefined();
});

it('does not count a full one either', async () => {
  const server = await flushableRedis();
  onTestFinished(() => server.stop());
  const admin = new Redis(server.url);
  onTestFinished(async () => admin.disconnect());
  const bull = new RedisBull(server.url, '{spec}');
  onTestFinished(() => bull.close());
  const ping = () => bull.ping().catch((error: unknown) => String(error));
  await expect.poll(ping).toBeUndefined();
  await admin.config('SET', 'maxmemory', '1');
  expect(await ping()).toMatch('OOM');
  await admin.config('SET', 'maxmemory', '0');
  expect(await ping()).toBeUndefined();
});

it('lets many wait for a store that is away, without a warning of too many listeners', async () => {
  const bull = new RedisBull('redis://127.0.0.1:1', '{spec}');
  onTestFinished(() => bull.close());
  const warnings: string[] = [];
  const note = ({ name }: Error) => warnings.push(name);
  process.on('warning', note);
  onTestFinished(async () => void process.off('warning', note));
  const add = async () => (await bull.queue('waits')).add('one', {});
  const adds = await Promise.allSettled(Array.from({ length: 100 }, add));
  expect(adds.every(({ status }) => status === 'rejected')).toBe(true);
  expect(warnings).toEqual([]);
});
