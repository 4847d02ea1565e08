import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expireHolds, holdKind, rebuildExpiryJobs, startWorkers } from '#outbound';
import type { OpenConnection } from '#outbound';
import { flushableRedis } from '../support/redis.js';
import type { FlushableRedis } from '../support/redis.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

let redis: FlushableRedis;
let world: World;
let shop: OpenConnection;

beforeAll(async () => {
  redis = await flushableRedis();
  world = await startWorld({ own: { redisUrl: redis.url } });
  shop = await world.connect('loyalclient');
  // One real hold, since the rows need an operation.
  const body = { identifier: { type: 'code', value: '007007' }, points: '1' };
  await world.write(holdKind, shop, { body });
  await query(`delete from holds`);
});
afterAll(async () => {
  await world.close();
  await redis.stop();
});

const query = (sql: string, parameters: unknown[] = []) => world.core.database.direct.query(sql, parameters);

/** Inserts active holds that expire evenly between two moments (seconds from now). */
async function holdsEnding(count: number, from: number, to: number): Promise<void> {
  const [operation] = await query(`select id from operations limit 1`);
  await query(
    `insert into holds (id, tenant_id, connection_id, operation_id, guarantee, state, points, expires_at)
     select 'hld_' || gen_random_uuid(), $1, $2, $3, 'provider', 'active', 1,
       now() + ($5 + ($6::float8 - $5) * n / $4) * interval '1 second' from generate_series(1, $4::int) n`,
    [world.tenantId, shop.id, operation.id, count, from, to],
  );
}

const live = async (): Promise<number> => {
  const [row] = await query(`select count(*)::int as n from holds where state = 'active'`);
  return row.n;
};

describe('holds that expire', () => {
  it('take one job a second, whatever their number', async () => {
    for (let from = 60; from < 1_800; from += 174) await holdsEnding(10_000, from, from + 174);
    const ends: { second: string }[] = await query(
      `select distinct ceil(extract(epoch from expires_at)) as second from holds where state = 'active'`,
    );
    // Each new hold requests its job in this way.
    for (const { second } of ends) await world.core.jobs.holdExpiry(Number(second));
    for (const { second } of ends) await world.core.jobs.holdExpiry(Number(second));
    const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
    const queue = new Queue('hold-expiry', { connection: connection as never, prefix: prefixOf(world) });
    const jobs = await queue.getJobCountByTypes('delayed', 'waiting', 'prioritized', 'active');
    expect(jobs).toBeGreaterThan(1_700);
    expect(jobs).toBeLessThanOrEqual(1_800);
    await queue.close();
    connection.disconnect();
    await query(`truncate holds`);
  });

  it('are settled once each by concurrent processes, with one event', async () => {
    await holdsEnding(3_000, -30, -1);
    const settled = await Promise.all([
      expireHolds(world.core),
      expireHolds(world.core),
      expireHolds(world.core),
    ]);
    expect(settled.reduce((sum, n) => sum + n, 0)).toBe(3_000);
    const [{ n, most }] = await query(
      `select count(*)::int as n, max(sequence) as most from events where type = 'hold.expired'`,
    );
    expect({ n, most }).toEqual({ n: 3_000, most: 1 });
  });

  it('all expire after the queue has lost its jobs', async () => {
    const workers = startWorkers(world.core, world.queues);
    await holdsEnding(500, 1, 4);
    await rebuildExpiryJobs(world.core);
    const own = new Redis(redis.url);
    await own.flushall();
    own.disconnect();
    await expect.poll(live).toBe(0);
    await workers.close();
  });

  it('get new jobs from their rows', async () => {
    await holdsEnding(50, 5, 10);
    const own = new Redis(redis.url);
    await own.flushall();
    await rebuildExpiryJobs(world.core);
    const jobs = await own.keys(`*hold-expiry:expiry-*`);
    expect(jobs.length).toBeGreaterThanOrEqual(5);
    expect(jobs.length).toBeLessThanOrEqual(7);
    own.disconnect();
  });
});

const prefixOf = ({ queues }: World): string => ('prefix' in queues ? queues.prefix : '');
