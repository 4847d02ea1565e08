import type { Core } from './core.js';
import { doingFor } from './doing.js';
import { connectionById } from './connection.js';
import { probeDelay } from './retry.js';
import { settle } from './settle.js';

const ROWS_A_SWEEP = 500;
/** A row that was given a job is left alone so long, before the next sweep gives it another. */
const AGAIN_MS = 15_000;

/** Wakes every row whose time has come, whatever became of its job, its process or its queue: the promise that nothing is lost. Returns how many. */
export async function sweep(core: Core): Promise<number> {
  const due = await core.stores.operations.due(core.database.direct, ROWS_A_SWEEP);
  for (const row of due) {
    if (row.state === 'dispatching') await recover(core, row.id);
    else await enqueue(core, row);
  }
  return due.length;
}

async function enqueue(core: Core, row: { id: string; state: string }): Promise<void> {
  const name = row.state === 'queued' ? 'execute' : 'reconcile';
  const now = core.now().getTime();
  await core.stores.operations.wakeAt(core.database.direct, row.id, new Date(now + AGAIN_MS));
  await core.jobs.operation(name, row.id, `sweep-${now}`, 0);
}

/** A process died between `dispatching` and the answer: unknown where the effect may stand, back to the queue where it cannot or may be repeated. */
async function recover(core: Core, id: string): Promise<void> {
  const taken = await core.stores.operations.takeOver(core.database.direct, id);
  if (!taken) return;
  const { claim, row: operation } = taken;
  const connection = await connectionById(core, core.database.direct, operation.connectionId);
  const doing = doingFor(connection, operation);
  const repeatable = !doing.reconcile && (doing.retryClass === 'keyed' || doing.retryClass === 'absolute');
  if (!operation.writeSent || repeatable) {
    const back = { wakeAt: core.now(), reason: 'its process ended', doubtful: operation.writeSent };
    if (await core.stores.operations.requeue(core.database.direct, claim, back))
      await core.jobs.operation('execute', id, `f${claim.fence}`, 0);
    return;
  }
  const nextAt = doing.reconcile ? new Date(core.now().getTime() + probeDelay(0)!) : null;
  const reconcile = {
    strategy: doing.reconcile?.strategy ?? 'none',
    tries: 0,
    absents: 0,
    reason: 'its process ended',
    ...(nextAt ? { nextAt: nextAt.toISOString() } : {}),
  };
  const state = nextAt ? 'unknown' : 'needs-review';
  if (
    !(await settle(
      core,
      { operation, connection, claim },
      { state, evidence: 'none', reconcile, wakeAt: nextAt },
    ))
  )
    return;
  if (nextAt) await core.jobs.operation('reconcile', id, `f${claim.fence}`, probeDelay(0)!);
}
