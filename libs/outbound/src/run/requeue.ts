import type { StoredOperation } from '#persistence';
import type { Core } from '../core/core.js';

/** Leaves the row queued for its lane's pump, which runs it when the lane has room; the row itself keeps the wake-up time. */
export async function leaveToPump(core: Core, operation: StoredOperation, wakeAt: Date): Promise<void> {
  await core.stores.wakes.at(core.database.direct, operation.id, wakeAt);
  await core.jobs.ensurePump(operation.lane).catch(() => undefined);
}

/** A wake-up this far away or further needs no job, in milliseconds: the sweep finds it, and an operation that waits for hours would leave a job behind at each try. */
const FAR_MS = 5_000;
/** Tries that are due within this time of each other share one job, in milliseconds. */
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

/** The longest pause behind another operation, in milliseconds: one that may be open for hours, and one that is just running. */
const BEHIND_OPEN_MS = 30_000;
const BEHIND_RUNNING_MS = 2_000;
/** The shortest, while a caller may still wait. */
const BEHIND_AT_LEAST_MS = 500;

/** Leaves the row queued behind another open operation, which nobody's wait makes end sooner. */
export const runBehind = (core: Core, operation: StoredOperation): Promise<void> =>
  runLater(core, operation, BEHIND_OPEN_MS);

/** Notes on the timeline which operation of its serial key it waits for. Returns for how long, in milliseconds: longer as it grows old, since then no caller waits any more. */
export async function pauseBehind(core: Core, { id, createdAt }: StoredOperation): Promise<number> {
  const { direct } = core.database;
  const { turns } = core.stores;
  const ageMs = core.now().getTime() - createdAt.getTime();
  const ahead = await turns.ahead(direct, id);
  if (ahead?.id) await turns.noteWait(direct, id, { note: `waits for operation ${ahead.id} to end first` });
  return Math.min(Math.max(BEHIND_AT_LEAST_MS, ageMs / 4), ahead?.open ? BEHIND_OPEN_MS : BEHIND_RUNNING_MS);
}
