import type { Core, EgressGuard, OpenCore } from '#outbound';
import { DeliveryStore, OutboxStore, SubscriptionStore } from '#persistence';
import type { TenantStore, TryEnding } from '#persistence';
import { Outlets } from './outlets.js';
import { retrySchedule } from './retry-schedule.js';

/** What a process may choose; tests shorten times, nobody else has a reason to. */
export interface EventSettings {
  /** Waits before each try, in milliseconds. */
  schedule: readonly number[];
  /** How long a process that died keeps a subscription from others, in milliseconds. */
  leaseMs: number;
  /** For one whole webhook request, in milliseconds. */
  timeoutMs: number;
}

/** What the delivery of events stands on. */
export interface EventCore {
  core: Core;
  guard: EgressGuard;
  tenants: TenantStore;
  subscriptions: SubscriptionStore;
  deliveries: DeliveryStore;
  outbox: OutboxStore;
  outlets: Outlets;
  /** How many tries of this process ended so, for those who watch it. */
  endings: Map<TryEnding['status'], number>;
  settings: EventSettings;
  close(): Promise<void>;
}

/** Puts it together; opens no connection before one is needed. `close` leaves the `OpenCore` open. */
export function openEvents(open: OpenCore, settings: Partial<EventSettings> = {}): EventCore {
  const outlets = new Outlets(open);
  return {
    core: open.core,
    guard: open.guard,
    tenants: open.tenants,
    subscriptions: new SubscriptionStore(),
    deliveries: new DeliveryStore(),
    outbox: new OutboxStore(),
    outlets,
    endings: new Map(),
    settings: { schedule: retrySchedule, leaseMs: 15_000, timeoutMs: 10_000, ...settings },
    close: () => outlets.close(),
  };
}
