import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { purchaseKind, read, startWorkers } from '#outbound';
import type { OpenConnection, Workers } from '#outbound';
import { flushableRedis } from '../support/redis.js';
import type { FlushableRedis } from '../support/redis.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';
import { startChild } from './child.js';
import { ownPostgres } from './own-postgres.js';
import type { OwnPostgres } from './own-postgres.js';

const sale = (nth: number) => ({
  identifier: { type: 'code', value: '123456' },
  merchantReference: `order-${nth}`,
  receipt: { total: { amount: '1000.00', currency: 'RUB' } },
});

let world: World;
let workers: Workers | undefined;
let uds: OpenConnection;
const closing: (() => Promise<unknown>)[] = [];

async function open(own: { redis?: FlushableRedis; postgres?: OwnPostgres }): Promise<void> {
  const store = own.redis ? 'redis' : 'postgres';
  world = await startWorld({
    store,
    own: { redisUrl: own.redis?.url, database: own.postgres?.database },
    sandbox: { only: ['uds'] },
  });
  uds = await world.connect('uds');
}

function work(): void {
  workers = startWorkers(world.core, world.queues);
}

afterEach(async () => {
  await workers?.close();
  workers = undefined;
  await world.close();
  for (const close of closing.splice(0)) await close();
});

/** Accepts purchases without waiting for them. */
async function leave(count: number): Promise<void> {
  for (let nth = 0; nth < count; nth++) {
    const answer = await world.write(purchaseKind, uds, { body: sale(nth), waitMs: 0 });
    expect(answer.status).toBe(202);
  }
}

const states = async (): Promise<string[]> => {
  const rows: { state: string }[] = await world.core.database.source.query(`select state from operations`);
  return rows.map(({ state }) => state);
};

/** Every purchase happened exactly once. */
async function allDone(count: number): Promise<void> {
  await expect.poll(states, { interval: 200 }).toEqual(Array.from({ length: count }, () => 'succeeded'));
  const references = (await world.effects('uds')).map(effect => effect.key);
  expect(references.toSorted()).toEqual(Array.from({ length: count }, (_, nth) => `order-${nth}`).toSorted());
}

describe('Redis that loses its data', () => {
  it('loses nothing when it is emptied while operations run', async () => {
    const redis = await flushableRedis();
    closing.push(() => redis.stop());
    await open({ redis });
    await leave(15);
    work();
    await expect.poll(async () => (await world.effects('uds')).length).toBeGreaterThan(2);
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    await allDone(15);
  });

  it('loses nothing when it is restarted empty', async () => {
    const redis = await flushableRedis();
    closing.push(() => redis.stop());
    await open({ redis });
    await leave(15);
    work();
    await expect.poll(async () => (await world.effects('uds')).length).toBeGreaterThan(2);
    await redis.stop();
    await redis.start();
    await allDone(15);
  });
});

describe('Redis that is unreachable', () => {
  it('stops sending: reads are refused, writes wait and run soon after it is back', async () => {
    const redis = await flushableRedis();
    closing.push(() => redis.stop());
    await open({ redis });
    work();
    await redis.stop();
    const ask = { identifier: { type: 'code' as const, value: '123456' }, holds: [] };
    await expect(read(world.core, uds, 'lookupCustomer', ask, { waitMs: 2_000 })).rejects.toMatchObject({
      code: 'dependency-unavailable',
      status: 503,
    });
    const answer = await world.write(purchaseKind, uds, { body: sale(0), waitMs: 1_000 });
    expect(answer).toMatchObject({ status: 202, body: { state: 'queued' } });
    expect(await world.journal('uds')).toEqual([]);
    await redis.start();
    await allDone(1);
  });
});

describe.each(['redis', 'postgres'] as const)('Postgres restarted, lanes and queues on %s', store => {
  it('keeps the answers received meanwhile, accepts nothing while it is down, and continues', async () => {
    const postgres = await ownPostgres();
    const redis = store === 'redis' ? await flushableRedis() : undefined;
    if (redis) closing.push(() => redis.stop());
    await open({ postgres, redis });
    work();
    const slow = {
      provider: 'uds',
      method: 'POST',
      fault: 'late-answer',
      params: { delayMs: 1_500 },
      count: 1,
    };
    await world.control('faults', slow);
    const sent = world.write(purchaseKind, uds, { body: sale(0), waitMs: 500 }).catch(() => undefined);
    await expect.poll(async () => (await world.effects('uds')).length).toBe(1);
    await postgres.stop();
    await sent;
    await expect(world.write(purchaseKind, uds, { body: sale(1) })).rejects.toThrow();
    expect(await world.effects('uds')).toHaveLength(1);
    await postgres.start();
    await expect.poll(() => states().catch(() => [])).toEqual(['succeeded']);
    await expect
      .poll(() => world.write(purchaseKind, uds, { body: sale(1) }).catch(() => undefined))
      .toMatchObject({ status: expect.toBeOneOf([200, 201]) });
    await allDone(2);
  });
});

describe('a worker that is stopped', () => {
  it('finishes its current work, leaves the rest to others, and duplicates nothing', async () => {
    const redis = await flushableRedis();
    closing.push(() => redis.stop());
    await open({ redis });
    const slow = { provider: 'uds', method: 'POST', fault: 'late-answer', params: { delayMs: 1_000 } };
    await world.control('faults', slow);
    await leave(8);
    const child = await startChild(world, { role: 'worker' });
    await expect.poll(async () => (await world.effects('uds')).length).toBeGreaterThan(0);
    child.signal('SIGTERM');
    expect(await child.ended).toBeNull();
    expect(await states()).not.toContain('dispatching');
    expect(await states()).not.toContain('unknown');
  });
});
