import type { Job } from 'bullmq';
import { PeriodicTasks, openBull } from '#outbound';
import type { OpenCore } from '#outbound';
import { eventListener } from '#persistence';
import type { AttemptEnding } from '#persistence';
import { CommandWorkers } from './command-workers.js';
import { openEvents } from './event-core.js';
import type { EventCore, EventSettings } from './event-core.js';
import { enqueuePumps, fanOut } from './fan-out.js';
import { Pump } from './pump.js';
import { DELIVERIES_QUEUE, publicStore } from './queue-names.js';
import { prune } from './retention.js';

/** Subscriptions that one process delivers to at once. */
const CONCURRENCY = 16;
const FAN_OUT_EVERY_MS = 1_000;
const FOLLOW_TENANTS_EVERY_MS = 10_000;
const PRUNE_EVERY_MS = 600_000;
/** How long a stop waits for receivers; requests still unanswered by then are sent again. */
const PATIENCE_MS = 7_000;

/** The event workers of a process: fan-out, delivery, command intake and retention. */
export interface EventWorkers {
  /** How many attempts ended with each status since the start; `pending` = it is retried. */
  readonly endings: ReadonlyMap<AttemptEnding['status'], number>;
  /** Accepts nothing new, lets requests in flight finish (7 s at most), then closes. */
  close(): Promise<void>;
}

/** Starts the workers, in any number of processes. `databaseUrl` is where they listen for notifications. */
export async function startEventWorkers(
  open: OpenCore,
  databaseUrl: string,
  settings: Partial<EventSettings> = {},
): Promise<EventWorkers> {
  const events = openEvents(open, settings);
  const { log } = open.core;
  const [own, shared] = [openBull(open.queues, log), openBull(publicStore(open.queues), log)];
  let stopping = false;
  own.worker(DELIVERIES_QUEUE, job => pump(events, job, () => stopping), { concurrency: CONCURRENCY });
  const commands = new CommandWorkers(events, shared);
  const tasks = new PeriodicTasks(log);
  const deliver = tasks.every(FAN_OUT_EVERY_MS, 'fan-out', async () => {
    await fanOut(events);
    await enqueuePumps(events, own);
  });
  tasks.every(FOLLOW_TENANTS_EVERY_MS, 'the look for new tenants', () => commands.follow())();
  tasks.every(PRUNE_EVERY_MS, 'retention', async () => {
    await events.deliveries.giveUpUnwanted(events.core.database.direct);
    await prune(events);
  });
  const notifications = eventListener(databaseUrl, deliver);
  await notifications.open();
  deliver();
  return {
    endings: events.endings,
    close: async () => {
      stopping = true;
      const patience = setTimeout(() => events.transports.abort(), PATIENCE_MS);
      await notifications.close();
      await tasks.close();
      await Promise.all([own.close(), shared.close()]);
      clearTimeout(patience);
      await events.close();
    },
  };
}

async function pump(
  events: EventCore,
  { data: { subscriptionId } }: Job<{ subscriptionId: string }>,
  stopping: () => boolean,
): Promise<void> {
  try {
    await new Pump(events, subscriptionId, stopping).run();
  } catch (error) {
    // What is due is in Postgres and will be found again.
    events.core.log('warn', 'events could not be delivered and will be retried', {
      subscriptionId,
      error: String(error),
    });
  }
}
