import { crashPoint } from '#crash-point';
import type { SweptOperation } from '#persistence';
import { sealedConnectionOf } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { writePlanFor } from '../run/write-plan.js';
import { postponeWhereSilent } from '../reconcile/postpone.js';
import { recoverLanes } from '../lanes/lane-watch.js';
import { markUnknown } from '../run/mark-unknown.js';
import { isRepeatedFirst } from '../run/retry.js';
import { KEPT_MS } from '../core/timeouts.js';
import { OwnersGrace } from './owners-grace.js';

const ROWS_A_SWEEP = 500;
/** How long an unknown row is left alone by the next sweeps, in milliseconds: its look-up sets the next wake-up. */
const AGAIN_MS = 6_000;
const LANES_A_SWEEP = 5_000;

/** Wakes every lane and row that is due, whatever became of its job, process or queue: this is why nothing gets lost. Returns how many. */
export async function sweep(core: Core, grace = new OwnersGrace()): Promise<number> {
  const { backlog, wakes } = core.stores;
  const { direct } = core.database;
  const due = await grace.during(() => wakes.takeDue(direct, ROWS_A_SWEEP, AGAIN_MS));
  const are = (state: string) => due.filter(row => row.state === state);
  // These first: nobody looks for their outcome yet, and a queue that is away keeps the others for seconds.
  const left = are('dispatching').filter(row => isLeft(core, row, grace));
  for (const row of left) await logged(core, row.id, recover(core, row));
  const lanes = await grace.during(() => backlog.dueLanes(direct, LANES_A_SWEEP));
  await Promise.all(lanes.map(lane => wakeLane(core, lane)));
  const unknown = await postponeWhereSilent(core, are('unknown'));
  // A queue that is away keeps all who ask it together no longer than one.
  await Promise.all(unknown.map(({ id }) => logged(core, id, addReconcile(core, id))));
  await recoverLanes(core);
  return lanes.length + due.length;
}

/** Whether its process has died. During the grace a living one renews its leases; a row that has had none for longer than any work on it may take gets no grace. */
function isLeft(core: Core, { id, leaseUntil }: SweptOperation, { isOn }: OwnersGrace): boolean {
  if (core.leases.keeps(id)) return false;
  return !isOn || core.now().getTime() - leaseUntil!.getTime() > KEPT_MS;
}

/** Queued rows need no job each: their lane's pump finds them. */
async function wakeLane(core: Core, lane: string): Promise<void> {
  await core.jobs
    .ensurePump(lane)
    .catch(error => core.log('warn', 'a lane could not be woken', { lane, error: String(error) }));
}

// One row that fails must not stop the others.
const logged = (core: Core, operationId: string, woken: Promise<void>): Promise<void> =>
  woken.catch(error =>
    core.log('warn', 'an operation could not be woken', { operationId, error: String(error) }),
  );

async function addReconcile(core: Core, id: string): Promise<void> {
  const now = core.now();
  try {
    await core.jobs.operation('reconcile', id, `sweep-${now.getTime()}`, 0);
  } catch (error) {
    // The row is due again, behind all those that this sweep did not come to.
    await core.stores.wakes.at(core.database.direct, id, now);
    throw error;
  }
}

/** A process died between `dispatching` and the answer: `unknown` if the effect may exist, back to the queue if it cannot or may be repeated. */
async function recover(core: Core, { id, leaseUntil }: SweptOperation): Promise<void> {
  const taken = await core.stores.leases.takeOver(core.database.direct, id);
  if (!taken) return;
  crashPoint('sweep:taken-over');
  const { claim, row: operation } = taken;
  const connection = await sealedConnectionOf(core, operation);
  const plan = connection && writePlanFor(connection, operation);
  const repeatable = plan && isRepeatedFirst(plan.retryClass, plan.reconcile !== undefined);
  const reason = 'its process ended';
  if (operation.writeSent && !repeatable)
    return void (await markUnknown(core, { operation, connection, claim }, plan, { reason }));
  // Due since then by Postgres's clock too, so that this sweep wakes its lane.
  const back = { wakeAt: leaseUntil!, reason, doubtful: operation.writeSent };
  await core.stores.operations.requeue(core.database.direct, claim, back);
}
