import { startEventWorkers } from '#events';
import { createCore, startWorkers } from '#outbound';
import { pino } from 'pino';
import { logOf } from '../../gateway/src/log.js';
import { readSettings } from '../../gateway/src/settings.js';
import type { Settings } from '../../gateway/src/settings.js';
import { startFault } from '../../gateway/src/start-fault.js';
import { stopOnSignal } from '../../gateway/src/stop-on-signal.js';
import { StoresWatch } from '../../gateway/src/stores-watch.js';
import { Face } from './face.js';
import { WorkerMetrics } from './worker-metrics.js';

/** The worker checks its stores by itself, because often nobody polls it: an unusable store must be logged. */
const LOOK_EVERY_MS = 5_000;

const WITHOUT_REDIS =
  'stopping while Redis (REDIS_URL) cannot be used: nothing is lost, its jobs are made anew from Postgres';

async function run(settings: Settings): Promise<void> {
  const logger = pino({ level: settings.logLevel, base: { app: 'worker' } });
  const face = new Face();
  // First of all: who watches sees a worker that waits for its database to be brought up to date, and one that cannot be watched begins nothing.
  if (settings.workerPort) await face.open(settings.workerPort, settings.host);
  const open = await createCore({ ...settings, log: logOf(logger) });
  const operations = startWorkers(open.core, open.queues);
  const events = await startEventWorkers(open, settings.databaseUrl);
  const stores = new StoresWatch(open.core);
  const looks = setInterval(() => void stores.look(), LOOK_EVERY_MS);
  const stopping = new AbortController();
  face.show({
    stores,
    metrics: new WorkerMetrics(open.core, stores, { operations, events }),
    operations,
    now: () => open.core.now(),
    stopping: stopping.signal,
  });
  const end = async () => {
    clearInterval(looks);
    stopping.abort();
    open.core.jobs.ping().catch(() => open.core.log('warn', WITHOUT_REDIS));
    await Promise.all([operations.close(), events.close()]);
  };
  stopOnSignal(open, { end, ended: () => face.close() });
  open.core.log('info', 'the worker takes jobs');
}

try {
  await run(readSettings(process.env));
} catch (error) {
  console.error(startFault(error, process.env, 'WORKER_PORT'));
  process.exit(1);
}
