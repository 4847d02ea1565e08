import type { StoredOperation } from '#persistence';
import type { Core } from '../core/core.js';

/** Leaves the row queued for its lane's pump, which runs it when the lane has room; the row itself keeps the wake-up time. */
export async function leaveToPump(core: Core, operation: StoredOperation, wakeAt: Date): Promise<void> {
  await core.stores.wakes.at(core.database.direct, operation.id, wakeAt);
  await core.jobs.ensurePump(operation.lane).catch(() => undefined);
}

/** Leaves the row queued for a delayed job. The row keeps the wake-up time too, so a lost job only means a later start. */
export async function runLater(core: Core, operation: StoredOperation, ms: number): Promise<void> {
  await core.stores.wakes.at(core.database.direct, operation.id, new Date(core.now().getTime() + ms));
  await core.jobs
    .operation('execute', operation.id, `f${operation.fence}-${Date.now()}`, ms)
    .catch(() => undefined);
}

/** Pause before an operation that waits for another one is looked at again, in milliseconds. */
const BEHIND_MS = 30_000;

/** Leaves the row queued behind another open operation, which nobody's wait makes end sooner. */
export const runBehind = (core: Core, operation: StoredOperation): Promise<void> =>
  runLater(core, operation, BEHIND_MS);
