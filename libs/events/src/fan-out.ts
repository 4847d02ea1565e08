import type { Queue } from 'bullmq';
import { jobOptions } from '#outbound';
import type { EventCore } from './event-core.js';

/** The queue of our own that spreads subscriptions over processes. */
export const DELIVERIES_QUEUE = 'deliveries';

const EVENTS_AT_ONCE = 500;
const SUBSCRIPTIONS_AT_ONCE = 1_000;
/** A job is asked for once in so long; one that died with its process blocks its subscription no longer than this. */
const ASK_EVERY_MS = 2_000;

/** Makes the deliveries of all new events, in any number of processes side by side; how many events there were. */
export async function fanOut({ core, outbox }: EventCore): Promise<number> {
  let events = 0;
  for (;;) {
    const made = await core.database.transaction(tx => outbox.fanOut(tx, EVENTS_AT_ONCE));
    events += made.events;
    if (made.events < EVENTS_AT_ONCE) return events;
  }
}

/** Asks for every subscription with something due that nobody is delivering. Postgres knows which: a lost queue loses nothing. */
export async function askForPumps({ core, subscriptions }: EventCore, queue: Queue): Promise<void> {
  const neglected = await subscriptions.neglected(core.database.direct, SUBSCRIPTIONS_AT_ONCE);
  const turn = Math.floor(Date.now() / ASK_EVERY_MS);
  for (const subscriptionId of neglected)
    await queue.add('pump', { subscriptionId }, jobOptions(`pump-${subscriptionId}-${turn}`, 0));
}
