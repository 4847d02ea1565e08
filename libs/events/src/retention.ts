import type { EventCore } from './event-core.js';
import { deadCommandQueueName, eventQueueName } from './queue-names.js';

const KEEP_DAYS = 30;
const ROWS_AT_ONCE = 5_000;
const QUEUE_KEEP_MS = 14 * 24 * 3_600_000;
/** A queue is looked after for so long beyond its subscription's end, in days: all in it has grown old by then, and the name is the merchant's again. */
const LOOKED_AFTER_DAYS = 30;
const JOBS_AT_ONCE = 1_000;
const PAGE = 100;

/** Removes what is older than 30 days (events, finished deliveries) and what nobody took from a public queue within 14, its subscription's end or not. */
export async function prune(events: EventCore): Promise<void> {
  const { core, outbox, tenants } = events;
  while ((await outbox.prune(core.database.direct, KEEP_DAYS, ROWS_AT_ONCE)) >= ROWS_AT_ONCE);
  for (let before: string | undefined; ;) {
    const page = await tenants.list(core.database.direct, { before, limit: PAGE });
    for (const tenant of page) await pruneQueues(events, tenant);
    if (page.length < PAGE) return;
    before = page.at(-1)!.id;
  }
}

async function pruneQueues(events: EventCore, tenant: { id: string; slug: string }): Promise<void> {
  const { core, subscriptions, outlets } = events;
  const names = await subscriptions.queueNames(core.database.direct, tenant.id, LOOKED_AFTER_DAYS);
  const named = names.map(name => eventQueueName(tenant.slug, name));
  for (const name of [...named, deadCommandQueueName(tenant.slug)]) {
    const queue = outlets.queue(name);
    for (const state of ['wait', 'delayed', 'completed', 'failed'] as const)
      await queue.clean(QUEUE_KEEP_MS, JOBS_AT_ONCE, state);
  }
}
