import { execute, reconcile } from '#outbound';
import type { StoredOperation } from '#persistence';
import type { FaultName } from '../../../apps/sandbox/src/faults/fault-names.js';
import type { Stage } from './stage.js';

/** Shorter than any pause between two attempts, so that the caller sees one sending. */
export const PATIENCE_MS = 150;
const LANE_BUDGET_MS = 20_000;
/** Several times the probes of an operation that cannot be settled: on a slow machine a turn may end before its call. */
const MOST_ROUNDS = 45;
const OPEN = ['queued', 'dispatching', 'unknown'];

/** The row after the attempt under fault; on a slow machine another attempt may make the call. */
export async function firstStruck(stage: Stage, row: StoredOperation): Promise<StoredOperation> {
  for (let round = 0; !stage.wire.struck && round < MOST_ROUNDS; round++) await turn(stage, row, PATIENCE_MS);
  return stage.row(row.id);
}

/** One turn of the row's processor: the lane's pump or the queue's job. */
async function turn(stage: Stage, row: StoredOperation, laneBudgetMs = LANE_BUDGET_MS): Promise<void> {
  const { core } = stage;
  await stage.wakeUp(row);
  if (row.state === 'unknown') await reconcile(core, row.id);
  else await execute(core, row.id, { laneBudgetMs, laneClass: 'write' });
  await stage.rest();
}

/** Advances time until the row is not processed any more. */
export async function endOf(
  stage: Stage,
  first: StoredOperation,
  fault: FaultName,
): Promise<StoredOperation> {
  let row = first;
  for (let round = 0; OPEN.includes(row.state) && round < MOST_ROUNDS; round++) {
    await turn(stage, row);
    row = await stage.row(row.id);
    // The effect happens between two probes: accepting the first one would be wrong.
    if (round === 0 && fault === 'late-commit') await stage.lateEffects();
  }
  if (fault === 'late-commit') await stage.lateEffects();
  return row;
}
