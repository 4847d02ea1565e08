import { Redis } from 'ioredis';
import pg from 'pg';
import type { LaneStore } from '../../libs/outbound/src/lanes/lane-store.js';
import type { Lanes } from '../../libs/outbound/src/lanes/lanes.js';
import { PostgresLanes, PostgresLaneStore } from '../../libs/outbound/src/lanes/postgres-lanes.js';
import { prepareLanes } from '../../libs/outbound/src/lanes/prepare-lanes.js';
import { RedisLanes, RedisLaneStore } from '../../libs/outbound/src/lanes/redis-lanes.js';
import { createTestDatabase } from './database.js';
import { flushableRedis } from './redis.js';

/** A store of lanes that a spec may empty, restart and look into. */
export interface LaneWorld {
  /** A limiter as another process would have it, with connections of its own. */
  limiter(): Lanes;
  /** A limiter that looks for the store at another port of 127.0.0.1, with a short time-out unless one is given. */
  limiterAt(port: number, timeoutMs?: number): Lanes;
  /** The bare store, without anybody who waits. */
  store(): LaneStore;
  port: number;
  /** Makes the store an old acquaintance: no lane is held for its sake. */
  settle(): Promise<void>;
  /** Empties the store, as a crash does. */
  forget(): Promise<void>;
  /** Makes the store look restarted with the memory that it had. */
  restart(): Promise<void>;
  /** How long the lane will still be kept, in milliseconds; undefined when it is gone. */
  keptFor(fingerprint: string): Promise<number | undefined>;
  /** Questions that limiters have put to the store so far. */
  questions(): Promise<number>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 200;

/** A time-out for tests of the law, which a busy machine keeps as well: how long a store may be silent has tests of its own. */
export const PATIENCE_MS = 20_000;

export async function redisWorld(): Promise<LaneWorld> {
  const server = await flushableRedis();
  const redis = new Redis(server.url);
  const info = async (section: string, pattern: RegExp) => pattern.exec(await redis.info(section))?.[1];
  return {
    limiter: () => new RedisLanes({ url: server.url, prefix: 'spec:', timeoutMs: PATIENCE_MS }),
    limiterAt: (port, timeoutMs = TIMEOUT_MS) =>
      new RedisLanes({ url: `redis://127.0.0.1:${port}`, prefix: 'spec:', timeoutMs }),
    store: () => new RedisLaneStore({ url: server.url, prefix: 'spec:' }),
    port: Number(new URL(server.url).port),
    settle: async () =>
      void (await redis.set('spec:{lane}-epoch', `${await info('server', /run_id:(\w+)/)} 1`)),
    forget: async () => void (await redis.flushall()),
    restart: async () => void (await redis.set('spec:{lane}-epoch', 'the-run-before 1')),
    keptFor: async fingerprint => {
      const ms = await redis.pttl(`spec:{lane}:${fingerprint}`);
      return ms === -2 ? undefined : ms === -1 ? Infinity : ms;
    },
    questions: async () => Number((await info('commandstats', /cmdstat_evalsha:calls=(\d+)/)) ?? 0),
    close: async () => {
      redis.disconnect();
      await server.stop();
    },
  };
}

export async function postgresWorld(): Promise<LaneWorld> {
  const database = await createTestDatabase();
  const pools: pg.Pool[] = [];
  let questions = 0;
  const open = (options: pg.PoolConfig) => {
    const pool = new pg.Pool(options).on('error', () => undefined).on('acquire', () => questions++);
    pools.push(pool);
    return pool;
  };
  const own = new pg.Pool({ connectionString: database.url, max: 1 });
  await prepareLanes(own);
  const startedAt = (moment: string) =>
    own.query(
      `create or replace function lane_server_start() returns bigint language sql as $$ select ${moment} $$`,
    );
  return {
    limiter: () => new PostgresLanes(open({ connectionString: database.url, max: 4 }), PATIENCE_MS),
    limiterAt: (port, timeoutMs = TIMEOUT_MS) =>
      new PostgresLanes(open({ connectionString: at(database.url, port), max: 1 }), timeoutMs),
    store: () => new PostgresLaneStore(open({ connectionString: database.url, max: 1 })),
    port: Number(new URL(database.url).port),
    settle: async () => {
      await startedAt('1::bigint');
      await own.query('insert into lane_epoch (born) values (1) on conflict (one) do update set born = 1');
    },
    forget: async () => void (await own.query('truncate lane_log, lane_epoch')),
    restart: async () => {
      const { rows } = await own.query<{ now: string }>('select lane_now() as now');
      await startedAt(`${rows[0]?.now}::bigint`);
    },
    keptFor: async fingerprint => {
      const left = 'select (expires_at - lane_now()) / 1000 as ms from lane_log where fingerprint = $1';
      const { rows } = await own.query<{ ms: string }>(left, [fingerprint]);
      return rows[0] && Number(rows[0].ms);
    },
    questions: async () => questions,
    close: async () => {
      await Promise.all([own, ...pools].map(pool => pool.end()));
      await database.drop();
    },
  };
}

function at(url: string, port: number): string {
  return Object.assign(new URL(url), { hostname: '127.0.0.1', port: `${port}` }).toString();
}
