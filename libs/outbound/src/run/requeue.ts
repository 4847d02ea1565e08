import type { StoredOperation } from '#persistence';
import type { Core } from '../core/core.js';

/** Leaves the row queued for its lane's pump, which runs it when the lane has room; the row itself keeps the wake-up time. */
export async function leaveToPump(core: Core, operation: StoredOperation, wakeAt: Date): Promise<void> {
  await core.stores.wakes.at(core.database.direct, operation.id, wakeAt);
  await core.jobs.ensurePump(operation.lane).catch(() => undefined);
}

/** A wake-up no nearer than this needs no job, in milliseconds: the sweep finds it, and what waits for hours would leave one at each try. */
const FAR_MS = 5_000;
/** Tries that are due together share one job. */
const TOGETHER_MS = 250;

/** Leaves the row queued for a delayed job, or for the sweep. The row keeps the wake-up time too, so a lost job only means a later start. */
export async function runLater(core: Core, operation: StoredOperation, ms: number): Promise<void> {
  // No sooner: it would share the job that it is running in.
  const waitMs = Math.max(ms, TOGETHER_MS);
  const at = core.now().getTime() + waitMs;
  await core.stores.wakes.at(core.database.direct, operation.id, new Date(at));
  if (waitMs >= FAR_MS) return;
  const turn = `f${operation.fence}-${Math.ceil(at / TOGETHER_MS)}`;
  await core.jobs.operation('execute', operation.id, turn, waitMs).catch(() => undefined);
}

/** Pause before an operation that waits for another one is looked at again, in milliseconds. */
const BEHIND_MS = 30_000;

/** Leaves the row queued behind another open operation, which nobody's wait makes end sooner. */
export const runBehind = (core: Core, operation: StoredOperation): Promise<void> =>
  runLater(core, operation, BEHIND_MS);
