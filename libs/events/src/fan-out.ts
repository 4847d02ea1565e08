import { jobOptions } from '#outbound';
import type { Bull } from '#outbound';
import type { EventCore } from './event-core.js';
import { DELIVERIES_QUEUE } from './queue-names.js';

const EVENTS_AT_ONCE = 500;
const SUBSCRIPTIONS_AT_ONCE = 1_000;
/** The interval of deduplication: a job that died with its process blocks its subscription for no longer than this. */
const ASK_EVERY_MS = 2_000;

/** Creates the deliveries of all new events; any number of processes may do so at once. */
export async function fanOut({ core, outbox }: EventCore): Promise<void> {
  const some = () => core.database.transaction(tx => outbox.fanOut(tx, EVENTS_AT_ONCE));
  while ((await some()) === EVENTS_AT_ONCE);
}

/** Enqueues a pump for every subscription that has due deliveries and no pump. Postgres knows which, so a lost queue loses nothing. */
export async function enqueuePumps({ core, subscriptions }: EventCore, bull: Bull): Promise<void> {
  const neglected = await subscriptions.neglected(core.database.direct, SUBSCRIPTIONS_AT_ONCE);
  const turn = Math.floor(Date.now() / ASK_EVERY_MS);
  for (const subscriptionId of neglected) {
    const queue = await bull.queue(DELIVERIES_QUEUE);
    await queue.add('pump', { subscriptionId }, jobOptions(`pump-${subscriptionId}-${turn}`, 0));
  }
}
