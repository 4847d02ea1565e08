import { eachTenant } from './each-tenant.js';
import type { EventCore } from './event-core.js';
import { deadCommandQueueName, eventQueueName } from './queue-names.js';

const KEEP_DAYS = 30;
const ROWS_AT_ONCE = 5_000;
const QUEUE_KEEP_MS = 14 * 24 * 3_600_000;
/** Days for which the queue of a deleted subscription is still pruned: after that all its jobs are gone, and the merchant may use the name. */
const DELETED_QUEUE_DAYS = 30;
const JOBS_AT_ONCE = 1_000;

/** Removes events and finished deliveries older than 30 days, and jobs that nobody took from a public queue within 14. */
export async function prune(events: EventCore): Promise<void> {
  const { core, outbox } = events;
  while ((await outbox.prune(core.database.direct, KEEP_DAYS, ROWS_AT_ONCE)) >= ROWS_AT_ONCE);
  for await (const tenant of eachTenant(events)) await pruneQueues(events, tenant);
}

async function pruneQueues(events: EventCore, tenant: { id: string; slug: string }): Promise<void> {
  const { core, subscriptions, transports } = events;
  const names = await subscriptions.queueNames(core.database.direct, tenant.id, DELETED_QUEUE_DAYS);
  const named = names.map(name => eventQueueName(tenant.slug, name));
  for (const name of [...named, deadCommandQueueName(tenant.slug)]) {
    const queue = await transports.queue(name);
    for (const state of ['wait', 'delayed', 'completed', 'failed'] as const)
      await queue.clean(QUEUE_KEEP_MS, JOBS_AT_ONCE, state);
  }
}
