import { setTimeout } from 'node:timers/promises';
import { Refusal } from '#canonical';
import type { Claim, StoredOperation } from '#persistence';
import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';
import { storedProblem } from './problem-of.js';
import { reconcile } from './reconcile.js';
import { settle, withdraw } from './settle.js';

/** An operation that met an open spend of the same customer. */
export interface Blocked {
  operation: StoredOperation;
  /** Held when a step had already identified the customer; nothing with an effect was sent. */
  claim: Claim | null;
  connection: OpenConnection;
  /** What its customer's spends are locked by, as far as is known by now. */
  lock: string | null;
  /** How much longer its caller waits, in milliseconds. */
  waitMs: number;
}

const GLANCE_MS = 150;

/** Waits for the other spend while the caller waits and it still runs; looks an unknown one up once; then gives up truthfully: nothing was sent. */
export async function unblock(core: Core, blocked: Blocked, again: () => Promise<void>): Promise<void> {
  const { operation, claim, lock, waitMs } = blocked;
  const open =
    lock && (await core.stores.operations.openSpend(core.database.direct, operation.connectionId, lock));
  if (open && open.state === 'unknown') await look(core, open.id, waitMs);
  const still = lock
    ? await core.stores.operations.openSpend(core.database.direct, operation.connectionId, lock)
    : null;
  if (still || waitMs <= GLANCE_MS) return giveUp(core, blocked, still?.id);
  if (claim) {
    const wakeAt = new Date(core.now().getTime() + waitMs);
    await core.stores.operations.requeue(core.database.direct, claim, {
      wakeAt,
      reason: 'another spend of this customer runs',
      doubtful: false,
    });
  }
  await setTimeout(GLANCE_MS);
  await again();
}

/** A provider that hangs must not cost the caller the answer: the look then ends without them. */
async function look(core: Core, operationId: string, waitMs: number): Promise<void> {
  if (waitMs <= GLANCE_MS) return reconcile(core, operationId);
  const looked = reconcile(core, operationId);
  core.background.run(looked, error =>
    core.log('error', 'a look for a lost answer broke', { operationId, error: String(error) }),
  );
  const patience = new AbortController();
  const ends = setTimeout(waitMs - GLANCE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
  await Promise.race([looked.catch(() => undefined), ends]).finally(() => patience.abort());
}

async function giveUp(core: Core, { operation, claim, connection }: Blocked, by?: string): Promise<void> {
  const detail = by
    ? `Another spend of this customer (${by}) has an unknown outcome; settle it first: GET /v1/operations/${by}. Nothing was sent.`
    : 'Another spend of this customer is still running; nothing was sent. Try again in a moment.';
  const problem = storedProblem(new Refusal('customer-operation-unresolved', { detail }), operation.id);
  if (claim) {
    await settle(core, { operation, connection, claim }, { state: 'rejected', evidence: 'proof', problem });
    return;
  }
  await withdraw(core, operation, 'cancelled', problem);
}
