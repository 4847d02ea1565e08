import type { StoredOperation } from '#persistence';
import type { Core } from './core.js';

/** Leaves the row queued, to be run by its lane's pump when the lane has room; the wake-up stands in the row. */
export async function toPump(core: Core, operation: StoredOperation, wakeAt: Date): Promise<void> {
  await core.stores.operations.wakeAt(core.database.direct, operation.id, wakeAt);
  await core.jobs.ensurePump(operation.lane).catch(() => undefined);
}

/** Leaves the row queued and comes back; the wake-up stands in the row, the job is only sooner. */
export async function later(core: Core, operation: StoredOperation, ms: number): Promise<void> {
  await core.stores.operations.wakeAt(
    core.database.direct,
    operation.id,
    new Date(core.now().getTime() + ms),
  );
  await core.jobs
    .operation('execute', operation.id, `f${operation.fence}-${Date.now()}`, ms)
    .catch(() => undefined);
}
