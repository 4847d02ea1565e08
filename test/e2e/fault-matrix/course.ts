import { execute, reconcile } from '#outbound';
import type { StoredOperation } from '#persistence';
import type { FaultName } from '../../../apps/sandbox/src/faults/fault-names.js';
import type { Stage } from './stage.js';

/** Shorter than any pause between two attempts, so that one sending is all that the caller sees. */
export const PATIENCE_MS = 150;
const LANE_BUDGET_MS = 4_000;
/** More than the probes of an operation that nobody can clear up. */
const MOST_ROUNDS = 15;
const OPEN = ['queued', 'dispatching', 'unknown'];

/** The row when the struck call's attempt is over; on a machine that was too busy for the lane another attempt makes it. */
export async function firstStruck(stage: Stage, row: StoredOperation): Promise<StoredOperation> {
  for (let round = 0; !stage.wire.struck && round < MOST_ROUNDS; round++) await turn(stage, row, PATIENCE_MS);
  return stage.row(row.id);
}

/** One turn of whoever looks after a row: the lane's pump or the queue's job. */
async function turn(stage: Stage, row: StoredOperation, laneBudgetMs = LANE_BUDGET_MS): Promise<void> {
  const { core } = stage;
  await stage.wakeUp(row);
  if (row.state === 'unknown') await reconcile(core, row.id);
  else await execute(core, row.id, { laneBudgetMs, laneClass: 'write' });
  await stage.rest();
}

/** Lets time pass until nobody would look at the row again. */
export async function endOf(
  stage: Stage,
  first: StoredOperation,
  fault: FaultName,
): Promise<StoredOperation> {
  let row = first;
  for (let round = 0; OPEN.includes(row.state) && round < MOST_ROUNDS; round++) {
    await turn(stage, row);
    row = await stage.row(row.id);
    // Between the first look and the next: whoever believes the first one is wrong.
    if (round === 0 && fault === 'late-commit') await stage.lateEffects();
  }
  if (fault === 'late-commit') await stage.lateEffects();
  return row;
}
