import type { Job } from 'bullmq';
import { openBull } from '#outbound';
import type { OpenCore } from '#outbound';
import { EventNotifications } from '#persistence';
import type { TryEnding } from '#persistence';
import { CommandWorkers } from './command-workers.js';
import { openEvents } from './event-core.js';
import type { EventCore, EventSettings } from './event-core.js';
import { askForPumps, DELIVERIES_QUEUE, fanOut } from './fan-out.js';
import { Pump } from './pump.js';
import { publicStore } from './queue-names.js';
import { prune } from './retention.js';
import { Rounds } from './rounds.js';

/** Subscriptions that one process delivers to at once. */
const CONCURRENCY = 16;
const FAN_OUT_EVERY_MS = 1_000;
const FOLLOW_TENANTS_EVERY_MS = 10_000;
const PRUNE_EVERY_MS = 600_000;
/** A stop waits so long for receivers; what they had not answered by then is sent again. */
const PATIENCE_MS = 7_000;

/** What runs in a worker process for events: fan-out, delivery, command intake and retention. */
export interface EventWorkers {
  /** How many tries of deliveries ended so since the start; `pending` = it is tried again. */
  readonly endings: ReadonlyMap<TryEnding['status'], number>;
  /** Takes nothing new, lets requests on their way end (7 s at most), then closes. */
  close(): Promise<void>;
}

/** Starts them; any number of processes may. `databaseUrl` is where wake-ups are listened for. */
export async function startEventWorkers(
  open: OpenCore,
  databaseUrl: string,
  settings: Partial<EventSettings> = {},
): Promise<EventWorkers> {
  const events = openEvents(open, settings);
  const [own, shared] = [openBull(open.queues), openBull(publicStore(open.queues))];
  let stopping = false;
  const queue = own.queue(DELIVERIES_QUEUE);
  own.worker(DELIVERIES_QUEUE, job => pump(events, job, () => stopping), { concurrency: CONCURRENCY });
  const commands = new CommandWorkers(events, shared);
  const rounds = new Rounds(open.core.log);
  const deliver = rounds.every(FAN_OUT_EVERY_MS, 'fan-out', async () => {
    await fanOut(events);
    await askForPumps(events, queue);
  });
  rounds.every(FOLLOW_TENANTS_EVERY_MS, 'the look for new tenants', () => commands.follow())();
  rounds.every(PRUNE_EVERY_MS, 'retention', async () => {
    await events.deliveries.giveUpUnwanted(events.core.database.direct);
    await prune(events);
  });
  const notifications = new EventNotifications(databaseUrl, deliver);
  await notifications.open();
  deliver();
  return {
    endings: events.endings,
    close: async () => {
      stopping = true;
      const patience = setTimeout(() => events.outlets.cut(), PATIENCE_MS);
      await notifications.close();
      await rounds.close();
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
    // What is due stands in Postgres and is asked for again; a secret that cannot be opened is mended by nobody unless it is told.
    events.core.log('warn', 'events could not be handed over and are tried again', {
      subscriptionId,
      error: String(error),
    });
  }
}
