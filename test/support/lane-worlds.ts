import { Redis } from 'ioredis';
import pg from 'pg';
import type { LaneStore } from '../../libs/outbound/src/lanes/lane-store.js';
import type { Lanes } from '../../libs/outbound/src/lanes/lanes.js';
import { lanePool } from '../../libs/outbound/src/lanes/lane-pool.js';
import { PostgresLanes, PostgresLaneStore } from '../../libs/outbound/src/lanes/postgres-lanes.js';
import { prepareLanes } from '../../libs/outbound/src/lanes/prepare-lanes.js';
import { RedisLanes, RedisLaneStore } from '../../libs/outbound/src/lanes/redis-lanes.js';
import { createTestDatabase } from './database.js';
import { flushableRedis } from './redis.js';

/** A lane store that a spec may flush, restart and inspect. */
export interface LaneWorld {
  /** A limiter with its own connections, like another process. */
  limiter(): Lanes;
  /** A limiter that connects to another port of 127.0.0.1, with a short time-out unless given. */
  limiterAt(port: number, timeoutMs?: number): Lanes;
  /** The bare store, without waiting callers. */
  store(): LaneStore;
  port: number;
  /** Marks the store as known, so that no lane pauses after its restart. */
  settle(): Promise<void>;
  /** Flushes the store, as a crash does. */
  forget(): Promise<void>;
  /** Makes the store appear restarted with its data intact. */
  restart(): Promise<void>;
  /** Sets the store's clock back. */
  setBack(ms: number): Promise<void>;
  /** How long the lane's key lives, in milliseconds; undefined if it does not exist. */
  keptFor(fingerprint: string): Promise<number | undefined>;
  /** Number of questions of limiters that the store has answered. */
  questions(): Promise<number>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 200;

/** The clock of a Redis cannot be set back; all moments that it holds can be put ahead. */
const putAhead = `
for _, key in ipairs(redis.call('KEYS', 'spec:{lane}*')) do
  local value = string.gsub(redis.call('GET', key), '%d+', function(digits)
    if #digits > 13 then return string.format('%.0f', digits + ARGV[1]) end
  end)
  redis.call('SET', key, value)
end`;

/** A time-out that a slow machine meets; time-outs have their own tests. */
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
    setBack: async ms => void (await redis.eval(putAhead, 0, 1_000 * ms)),
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
  let setBackMs = 0;
  const keep = (pool: pg.Pool) => {
    pools.push(pool.on('error', () => undefined).on('release', () => questions++));
    return pool;
  };
  const open = (options: pg.PoolConfig) => keep(new pg.Pool(options));
  // An ended pool may still hear that its database is dropped.
  const own = new pg.Pool({ connectionString: database.url, max: 1 }).on('error', () => undefined);
  await prepareLanes(own);
  const startedAt = (moment: string) =>
    own.query(
      `create or replace function lane_server_start() returns bigint language sql as $$ select ${moment} $$`,
    );
  return {
    limiter: () => new PostgresLanes(open({ connectionString: database.url, max: 4 }), PATIENCE_MS),
    limiterAt: (port, timeoutMs = TIMEOUT_MS) =>
      new PostgresLanes(keep(lanePool(at(database.url, port), 1, timeoutMs)), timeoutMs),
    store: () => new PostgresLaneStore(open({ connectionString: database.url, max: 1 })),
    port: Number(new URL(database.url).port),
    settle: async () => {
      await startedAt('1::bigint');
      await own.query('insert into lane_epoch (born) values (1) on conflict (one) do update set born = 1');
    },
    // In the order in which a question looks at them, or the two could wait for each other.
    forget: async () => void (await own.query('truncate lane_epoch, lane_log')),
    restart: async () => {
      const { rows } = await own.query<{ now: string }>('select lane_now() as now');
      await startedAt(`${rows[0]?.now}::bigint`);
    },
    setBack: async ms => {
      setBackMs += ms;
      const clock = `extract(epoch from clock_timestamp()) * 1000000 - ${1_000 * setBackMs}`;
      await own.query(
        `create or replace function lane_now() returns bigint language sql volatile as $$ select (${clock})::bigint $$`,
      );
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
