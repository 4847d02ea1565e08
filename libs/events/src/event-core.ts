import type { Core, EgressGuard, OpenCore } from '#outbound';
import { DeliveryStore, OutboxStore, SubscriptionStore } from '#persistence';
import type { TenantStore, AttemptEnding } from '#persistence';
import { Transports } from './transports.js';
import { retrySchedule } from './retry-schedule.js';

/** Timing settings; only tests have a reason to change them. */
export interface EventSettings {
  /** Wait before each attempt, in milliseconds. */
  schedule: readonly number[];
  /** How long a dead process keeps its subscriptions from others, in milliseconds. */
  leaseMs: number;
  /** Deadline of one webhook request, in milliseconds. */
  timeoutMs: number;
  /** How long a pump goes on while others wait for its place, in milliseconds. */
  turnMs: number;
}

/** The dependencies of event delivery. */
export interface EventCore {
  core: Core;
  guard: EgressGuard;
  tenants: TenantStore;
  subscriptions: SubscriptionStore;
  deliveries: DeliveryStore;
  outbox: OutboxStore;
  transports: Transports;
  /** How many attempts of this process ended with each status, for its metrics. */
  endings: Map<AttemptEnding['status'], number>;
  settings: EventSettings;
  close(): Promise<void>;
}

/** Creates the dependencies; opens no connection before one is needed. `close` leaves the `OpenCore` open. */
export function openEvents(open: OpenCore, settings: Partial<EventSettings> = {}): EventCore {
  const transports = new Transports(open);
  return {
    core: open.core,
    guard: open.guard,
    tenants: open.tenants,
    subscriptions: new SubscriptionStore(),
    deliveries: new DeliveryStore(),
    outbox: new OutboxStore(),
    transports,
    endings: new Map(),
    settings: { schedule: retrySchedule, leaseMs: 15_000, timeoutMs: 10_000, turnMs: 30_000, ...settings },
    close: () => transports.close(),
  };
}
