import type { Database, OperationNotifications, Vault } from '#persistence';
import type { Breakers } from './breaker.js';
import type { Sender } from './http/send.js';
import type { Background } from './background.js';
import type { Jobs } from './jobs/jobs.js';
import type { LaneWatch } from './lane-watch.js';
import type { Lateness } from './lateness.js';
import type { openStores } from './open-stores.js';
import type { ReadCache } from './read-cache.js';
import type { CallLog } from './journal.js';
import type { Lanes } from './lanes/lanes.js';

/** The stores that outbound work reads and writes. */
export type Stores = ReturnType<typeof openStores>;

/** What outbound work stands on, handed in once at start: no module-level state anywhere below. */
export interface Core {
  database: Database;
  stores: Stores;
  vault: Vault;
  lanes: Lanes;
  breakers: Breakers;
  laneWatch: LaneWatch;
  /** Noted by a process that answers callers; elsewhere never late. */
  lateness: Lateness;
  cache: ReadCache;
  callLog: CallLog;
  jobs: Jobs;
  /** Work that goes on after its caller was answered; a graceful stop waits for it. */
  background: Background;
  send: Sender;
  notifications: OperationNotifications;
  /** How soon after it was lost an answer is looked for while its caller waits, in milliseconds. */
  glanceAfterMs: number;
  /** This process's name on the rows it holds. */
  owner: string;
  now(): Date;
  log(level: 'info' | 'warn' | 'error', message: string, facts?: Record<string, unknown>): void;
}
