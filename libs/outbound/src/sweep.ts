import { crashPoint } from '#crash-point';
import { connectionOf } from './connection.js';
import type { Core } from './core.js';
import { doingFor } from './doing.js';
import { recoverLanes } from './lane-watch.js';
import { lose } from './lose.js';

const ROWS_A_SWEEP = 500;
/** A row that was given a job is left alone so long, before the next sweep gives it another. */
const AGAIN_MS = 6_000;
const LANES_A_SWEEP = 5_000;

/** Wakes every lane and every row whose time has come, whatever became of its job, its process or its queue: the promise that nothing is lost. Returns how many. */
export async function sweep(core: Core): Promise<number> {
  const lanes = await core.stores.backlog.dueLanes(core.database.direct, LANES_A_SWEEP);
  await Promise.all(lanes.map(lane => wakeLane(core, lane)));
  const due = await core.stores.operations.due(core.database.direct, ROWS_A_SWEEP);
  for (const row of due) {
    const woken = row.state === 'dispatching' ? recover(core, row.id) : lookAgain(core, row.id);
    // One row that cannot be woken must not keep the others asleep.
    await woken.catch(error =>
      core.log('warn', 'an operation could not be woken', { operationId: row.id, error: String(error) }),
    );
  }
  await recoverLanes(core);
  return lanes.length + due.length;
}

/** Queued rows need no job each: their lane's pump finds them. */
async function wakeLane(core: Core, lane: string): Promise<void> {
  await core.jobs
    .ensurePump(lane)
    .catch(error => core.log('warn', 'a lane could not be woken', { lane, error: String(error) }));
}

async function lookAgain(core: Core, id: string): Promise<void> {
  const now = core.now().getTime();
  // The job first: a queue that is away leaves the row due.
  await core.jobs.operation('reconcile', id, `sweep-${now}`, 0);
  await core.stores.operations.wakeAt(core.database.direct, id, new Date(now + AGAIN_MS));
}

/** A process died between `dispatching` and the answer: unknown where the effect may stand, back to the queue where it cannot or may be repeated. */
async function recover(core: Core, id: string): Promise<void> {
  const taken = await core.stores.operations.takeOver(core.database.direct, id);
  if (!taken) return;
  crashPoint('sweep:taken-over');
  const { claim, row: operation } = taken;
  const connection = await connectionOf(core, operation);
  const doing = connection && doingFor(connection, operation);
  const repeatable = doing && !doing.reconcile && ['keyed', 'absolute'].includes(doing.retryClass);
  const reason = 'its process ended';
  if (operation.writeSent && !repeatable)
    return void (await lose(core, { operation, connection, claim }, doing, reason));
  const back = { wakeAt: core.now(), reason, doubtful: operation.writeSent };
  if (await core.stores.operations.requeue(core.database.direct, claim, back))
    await core.jobs.ensurePump(operation.lane);
}
