import { crashPoint } from '#crash-point';
import type { SweptOperation } from '#persistence';
import { sealedConnectionOf } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { writePlanFor } from '../run/write-plan.js';
import { withoutHeldBack } from '../reconcile/hold-back.js';
import { recoverLanes } from '../lanes/lane-watch.js';
import { markUnknown } from '../run/mark-unknown.js';

const ROWS_A_SWEEP = 500;
/** How long a row with a new job is left alone by the next sweeps, in milliseconds. */
const AGAIN_MS = 6_000;
const LANES_A_SWEEP = 5_000;

/** Wakes every lane and row that is due, whatever became of its job, process or queue: this is why nothing gets lost. Returns how many. */
export async function sweep(core: Core): Promise<number> {
  const lanes = await core.stores.backlog.dueLanes(core.database.direct, LANES_A_SWEEP);
  await Promise.all(lanes.map(lane => wakeLane(core, lane)));
  const due = await core.stores.operations.due(core.database.direct, ROWS_A_SWEEP);
  const lost = due.filter(({ state }) => state === 'unknown');
  const looked = await withoutHeldBack(core, lost);
  // Side by side: while the queue is away, each of them waits for it.
  await Promise.all([
    ...due.filter(({ state }) => state === 'dispatching').map(row => wake(core, row, recover)),
    ...looked.map(row => wake(core, row, reconcileAgain)),
  ]);
  await recoverLanes(core);
  return lanes.length + due.length;
}

/** One row that fails must not stop the others. */
const wake = (core: Core, { id }: SweptOperation, how: typeof recover): Promise<void> =>
  how(core, id).catch(error =>
    core.log('warn', 'an operation could not be woken', { operationId: id, error: String(error) }),
  );

/** Queued rows need no job each: their lane's pump finds them. */
async function wakeLane(core: Core, lane: string): Promise<void> {
  await core.jobs
    .ensurePump(lane)
    .catch(error => core.log('warn', 'a lane could not be woken', { lane, error: String(error) }));
}

async function reconcileAgain(core: Core, id: string): Promise<void> {
  const now = core.now().getTime();
  // If the queue is away, the row stays due, behind all those that this sweep did not come to.
  let at = now;
  try {
    await core.jobs.operation('reconcile', id, `sweep-${now}`, 0);
    at += AGAIN_MS;
  } finally {
    await core.stores.operations.wakeAt(core.database.direct, id, new Date(at));
  }
}

/** A process died between `dispatching` and the answer: `unknown` if the effect may exist, back to the queue if it cannot or may be repeated. */
async function recover(core: Core, id: string): Promise<void> {
  const taken = await core.stores.operations.takeOver(core.database.direct, id);
  if (!taken) return;
  crashPoint('sweep:taken-over');
  const { claim, row: operation } = taken;
  const connection = await sealedConnectionOf(core, operation);
  const plan = connection && writePlanFor(connection, operation);
  const repeatable = plan && !plan.reconcile && ['keyed', 'absolute'].includes(plan.retryClass);
  const reason = 'its process ended';
  if (operation.writeSent && !repeatable)
    return void (await markUnknown(core, { operation, connection, claim }, plan, { reason }));
  const back = { wakeAt: core.now(), reason, doubtful: operation.writeSent };
  if (await core.stores.operations.requeue(core.database.direct, claim, back))
    await core.jobs.ensurePump(operation.lane);
}
