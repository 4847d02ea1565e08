import { PeriodicTasks, openBull } from '#outbound';
import type { OpenCore } from '#outbound';
import { eventListener } from '#persistence';
import type { AttemptEnding } from '#persistence';
import { CommandWorkers } from './command-workers.js';
import { openEvents } from './event-core.js';
import type { EventCore, EventSettings } from './event-core.js';
import { enqueuePumps, fanOut } from './fan-out.js';
import { MAX_PUMPS, Pumps } from './pumps.js';
import { DELIVERIES_QUEUE, publicStore } from './queue-names.js';
import { prune } from './retention.js';

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
  const pumps = new Pumps(events);
  own.worker(DELIVERIES_QUEUE, ({ data }) => pumps.run(data.subscriptionId), { concurrency: MAX_PUMPS });
  const commands = new CommandWorkers(events, shared);
  const tasks = new PeriodicTasks(log);
  const deliver = tasks.every(FAN_OUT_EVERY_MS, 'fan-out', async () => {
    await fanOut(events);
    pumps.look();
    await enqueuePumps(events, own);
  });
  tasks.every(FOLLOW_TENANTS_EVERY_MS, 'the look for new tenants', () => commands.follow())();
  const tidy = setInterval(() => removeOld(events), PRUNE_EVERY_MS);
  const notifications = eventListener(databaseUrl, deliver);
  await notifications.open();
  deliver();
  return {
    endings: events.endings,
    close: async () => {
      pumps.stop();
      clearInterval(tidy);
      const patience = setTimeout(() => events.transports.abort(), PATIENCE_MS);
      await notifications.close();
      await tasks.close();
      await Promise.all([own.close(), shared.close()]);
      clearTimeout(patience);
      await events.close();
    },
  };
}

/** In the background, and not one of the tasks: a stop waits for those without limit, and many old rows take their time. */
function removeOld(events: EventCore): void {
  const { core, deliveries } = events;
  const work = deliveries.giveUpUnwanted(core.database.direct).then(() => prune(events));
  core.background.run(work, error =>
    core.log('warn', 'retention failed and will be retried', { error: String(error) }),
  );
}
