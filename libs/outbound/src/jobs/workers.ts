import { setMaxListeners } from 'node:events';
import type { Job, Processor } from 'bullmq';
import type { Core } from '../core/core.js';
import { PeriodicTasks } from '../core/periodic-tasks.js';
import { settleDoubts } from '../holds/doubtful-holds.js';
import { execute } from '../run/execute.js';
import { expireHolds, rebuildExpiryJobs } from '../holds/holds.js';
import { openBull } from './bull.js';
import type { QueueStore, WorkerTerms } from './bull.js';
import { HOLD_EXPIRY_QUEUE, OPERATIONS_QUEUE, PUMPS_QUEUE } from './bull-jobs.js';
import { pump } from './pump.js';
import { reconcile } from '../reconcile/reconcile.js';
import { forgetOld } from '../core/retention.js';
import { OwnersGrace } from './owners-grace.js';
import { sweep } from './sweep.js';

/** How many operations one worker process has on the way at once; they mostly wait for their lanes and for providers. Some twenty lanes that recover together leave places for all others. */
const CONCURRENCY = 256;
/** Lanes that one worker process pumps at once; a pump mostly waits. The lane of a process that died is another's within `lockDuration` + `stalledInterval`. */
const PUMPS = { concurrency: 500, lockDuration: 5_000, stalledInterval: 3_000 };
const SWEEP_EVERY_MS = 3_000;
const FORGET_EVERY_MS = 600_000;
/** A job leaves a full lane soon and comes back, so that one slow lane never holds a worker's places. */
const LANE_BUDGET_MS = 1_000;

/** The running workers of one process. */
export interface Workers {
  /** When the last sweep went through, in milliseconds since 1970; before the first one, when they were started. */
  readonly sweptAt: number;
  /** Takes no new jobs, lets the running ones end, then closes. */
  close(): Promise<void>;
}

/** Starts the workers of all outbound queues and the sweep behind them. */
export function startWorkers(core: Core, store: QueueStore): Workers {
  const bull = openBull(store, core.log);
  const stop = new AbortController();
  // Every pump of the process listens.
  setMaxListeners(0, stop.signal);
  const take = (queue: string, work: Processor, terms: WorkerTerms) =>
    bull.worker(queue, work, {
      ...terms,
      failed: (job, error) =>
        core.log('error', 'a job failed; its row is swept up', { queue, job: job?.id, error: String(error) }),
    });
  take(OPERATIONS_QUEUE, job => runOperation(core, job), { concurrency: CONCURRENCY });
  take(HOLD_EXPIRY_QUEUE, () => lookAtHolds(core), { concurrency: 1 });
  take(PUMPS_QUEUE, (job: Job<{ lane: string }>) => pump(core, job.data.lane, stop.signal), PUMPS);
  let sweptAt = core.now().getTime();
  const grace = new OwnersGrace();
  const tasks = new PeriodicTasks(core.log);
  // A timer and not a queue's scheduler: the sweep is what brings lost queues back, so it must not live in one.
  tasks.every(SWEEP_EVERY_MS, 'the sweep', async () => {
    await sweep(core, grace);
    await lookAtHolds(core);
    await rebuildExpiryJobs(core);
    sweptAt = core.now().getTime();
  });
  // Not one of the tasks: a stop waits for those without limit, and many old rows take their time.
  const tidy = setInterval(() => core.background.run(forgetOld(core), () => undefined), FORGET_EVERY_MS);
  return {
    get sweptAt() {
      return sweptAt;
    },
    close: async () => {
      stop.abort();
      clearInterval(tidy);
      await tasks.close();
      await bull.close();
    },
  };
}

async function runOperation(core: Core, job: Job<{ operationId: string }>): Promise<void> {
  if (job.name === 'reconcile') return reconcile(core, job.data.operationId, { patient: true });
  if (job.name === 'execute')
    return execute(core, job.data.operationId, { laneBudgetMs: LANE_BUDGET_MS, laneClass: 'write' });
  throw new Error(`The queue ${OPERATIONS_QUEUE} has no job called ${job.name}.`);
}

/** Ends what is over; questions about doubtful holds go on beside it, since they wait for lanes and providers. */
async function lookAtHolds(core: Core): Promise<void> {
  core.background.run(settleDoubts(core), error =>
    core.log('warn', 'doubtful holds are asked about later', { error: String(error) }),
  );
  await expireHolds(core);
}
