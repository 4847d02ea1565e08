import type { Database, OperationNotifications, Vault } from '#persistence';
import type { Breakers } from '../calls/breaker.js';
import type { Sender } from '../http/send.js';
import type { Background } from './background.js';
import type { Leases } from './leases.js';
import type { Jobs } from '../jobs/jobs.js';
import type { LaneWatch } from '../lanes/lane-watch.js';
import type { LoadShedder } from './load-shedder.js';
import type { OneByOne } from './one-by-one.js';
import type { openStores } from './open-stores.js';
import type { ReadCache } from '../reads/read-cache.js';
import type { CallLog } from '../calls/call-log.js';
import type { Lanes } from '../lanes/lanes.js';

/** The stores that outbound work reads and writes. */
export type Stores = ReturnType<typeof openStores>;

/** Everything outbound work needs, created once at start; there is no module-level state. */
export interface Core {
  database: Database;
  stores: Stores;
  vault: Vault;
  lanes: Lanes;
  breakers: Breakers;
  laneWatch: LaneWatch;
  /** Fed by processes that answer callers; elsewhere it refuses nobody. */
  loadShedder: LoadShedder;
  cache: ReadCache;
  callLog: CallLog;
  jobs: Jobs;
  leases: Leases;
  /** Writes that are being accepted, by what makes them the same one. */
  accepting: OneByOne;
  /** Work that continues after its caller was answered; a graceful stop waits for it. */
  background: Background;
  send: Sender;
  notifications: OperationNotifications;
  /** How soon after an answer was lost it is looked for while the caller waits, in milliseconds. */
  glanceAfterMs: number;
  /** This process's name on the rows it holds. */
  owner: string;
  now(): Date;
  log(level: 'info' | 'warn' | 'error', message: string, facts?: Record<string, unknown>): void;
}
