import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import { runMigrations } from 'bullmq';
import pg from 'pg';
import { OperationNotifications, TenantStore, migrate } from '#persistence';
import type { Database } from '#persistence';
import { Background } from './background.js';
import { Breakers } from '../calls/breaker.js';
import type { Core } from './core.js';
import { createEgressGuard } from '../http/egress-guard.js';
import type { EgressGuard } from '../http/egress-guard.js';
import { createSender } from '../http/send.js';
import { CallLog } from '../calls/call-log.js';
import { LaneWatch } from '../lanes/lane-watch.js';
import { Leases } from './leases.js';
import { LoadShedder } from './load-shedder.js';
import { OneByOne } from './one-by-one.js';
import { openDatabase } from './open-database.js';
import { openStores } from './open-stores.js';
import { checkRedis } from './check-redis.js';
import { ReadCache } from '../reads/read-cache.js';
import { StoreClock } from './store-clock.js';
import { LEASE_MS } from './timeouts.js';
import { openBull } from '../jobs/bull.js';
import type { QueueStore } from '../jobs/bull.js';
import { BullJobs } from '../jobs/bull-jobs.js';
import { lanePool } from '../lanes/lane-pool.js';
import { PostgresLanes } from '../lanes/postgres-lanes.js';
import { prepareLanes } from '../lanes/prepare-lanes.js';
import { RedisLanes } from '../lanes/redis-lanes.js';
import type { Lanes } from '../lanes/lanes.js';

/** Long enough for a provider to finish what it began, short enough for a waiting caller. */
const GLANCE_AFTER_MS = 300;

/** What a process needs to know to do outbound work. */
export interface CoreSettings {
  databaseUrl: string;
  /** Absent = the embedded default: lanes and queues live in Postgres. */
  redisUrl?: string;
  /** 32 bytes. */
  masterKey: Buffer;
  /** What `masterKey` replaces, as long as a process may start before another has replaced it. */
  previousMasterKey?: Buffer;
  /** Networks and `address:port` that the egress guard lets through beside public https. */
  egressAllow: readonly string[];
  /** Set by tests that share one Redis. */
  prefix?: string;
  /** Set by tests: on a busy machine a slow store is not down. */
  laneTimeoutMs?: number;
  /** Default 300. Set by tests that want no early probe. */
  glanceAfterMs?: number;
  poolSize?: number;
  log: Core['log'];
  /** Absent = Postgres's clock. */
  now?: () => Date;
}

/** Everything that was opened, and how to close it. */
export interface OpenCore {
  core: Core;
  guard: EgressGuard;
  queues: QueueStore;
  tenants: TenantStore;
  close(): Promise<void>;
}

/** Migrates the database and opens everything outbound work needs. Throws `RedisRefused` and `WrongMasterKey`. */
export async function createCore(settings: CoreSettings): Promise<OpenCore> {
  await bringUpToDate(settings);
  const { database, vault } = await openDatabase(settings);
  const stores = openStores();
  const clock = await openClock(database, settings);
  const now = settings.now ?? (() => clock.now());
  const notifications = await openNotifications(settings);
  const queues = queueStore(settings);
  const { lanes, closeLanes } = await openLanes(settings);
  // If the store is away now, the first call asks again.
  void lanes.begin().catch(() => undefined);
  const guard = createEgressGuard({ allow: settings.egressAllow });
  const send = createSender({ guard, axios: new HttpService(axios.create()).axiosRef });
  const core: Core = {
    database,
    stores,
    callLog: new CallLog(lines => stores.journal.addCalls(database.direct, lines)),
    vault,
    lanes,
    breakers: new Breakers(),
    laneWatch: new LaneWatch(),
    loadShedder: new LoadShedder(() => database.waiting),
    cache: new ReadCache(now),
    leases: new Leases(claims => stores.leases.renewAll(database.direct, claims, LEASE_MS), settings.log),
    accepting: new OneByOne(),
    background: new Background(),
    jobs: new BullJobs(openBull(queues, settings.log), now),
    send,
    notifications,
    glanceAfterMs: settings.glanceAfterMs ?? GLANCE_AFTER_MS,
    owner: `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`,
    now,
    log: settings.log,
  };
  const close = async () => {
    clock.close();
    core.leases.close();
    await core.jobs.close();
    await closeLanes();
    send.close();
    await notifications.close();
    await database.source.destroy();
  };
  return { core, guard, queues, tenants: new TenantStore(), close };
}

async function openClock(database: Database, { log }: CoreSettings): Promise<StoreClock> {
  const clock = new StoreClock({
    ask: () => database.clock(),
    moved: aheadMs =>
      log('warn', 'the clocks of this host and of Postgres disagree; Postgres’s counts', { aheadMs }),
  });
  await clock.open();
  return clock;
}

async function openNotifications({ databaseUrl }: CoreSettings): Promise<OperationNotifications> {
  const notifications = new OperationNotifications(databaseUrl);
  await notifications.open();
  return notifications;
}

async function bringUpToDate({ databaseUrl, redisUrl }: CoreSettings): Promise<void> {
  if (redisUrl) await checkRedis(redisUrl);
  await migrate(databaseUrl);
  if (!redisUrl) await prepareQueuesInPostgres(databaseUrl);
}

const QUEUE_SCHEMA = 'bullmq';

const queueStore = ({ redisUrl, databaseUrl, prefix }: CoreSettings): QueueStore =>
  redisUrl
    ? { redisUrl, prefix: `${prefix ?? ''}{loyalty}` }
    : { postgresUrl: databaseUrl, schema: QUEUE_SCHEMA };

const LANE_CONNECTIONS = 4;

async function openLanes({ redisUrl, databaseUrl, prefix, laneTimeoutMs }: CoreSettings): Promise<{
  lanes: Lanes;
  closeLanes: () => Promise<void>;
}> {
  if (redisUrl) {
    const lanes = new RedisLanes({ url: redisUrl, prefix: prefix ?? '', timeoutMs: laneTimeoutMs });
    return { lanes, closeLanes: () => lanes.close() };
  }
  const pool = lanePool(databaseUrl, LANE_CONNECTIONS, laneTimeoutMs);
  // Lane calls time out after half a second: too short for opening a connection on a busy host.
  await Promise.all(Array.from({ length: LANE_CONNECTIONS }, () => pool.query('select 1')));
  const lanes = new PostgresLanes(pool, laneTimeoutMs);
  const closeLanes = async () => {
    await lanes.close();
    await pool.end();
  };
  return { lanes, closeLanes };
}

// Any constant: processes that start together must not create the same tables concurrently.
const SCHEMA_LOCK = 7_236_492;

/** The embedded default keeps lanes and queues in Postgres; creates their tables. */
async function prepareQueuesInPostgres(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [SCHEMA_LOCK]);
    await prepareLanes(client);
    await runMigrations(client, QUEUE_SCHEMA);
  } finally {
    await client.end();
  }
}
