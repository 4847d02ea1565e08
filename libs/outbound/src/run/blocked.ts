import { Refusal } from '#canonical';
import type { Claim, StoredOperation } from '#persistence';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { storedProblem } from './stored-problem.js';
import { reconcileWithin } from '../reconcile/reconcile-within.js';
import { runBehind } from './requeue.js';
import { settle, withdraw } from './settle.js';

/** An operation that waits for another open spend of the same customer. */
export interface Blocked {
  operation: StoredOperation;
  /** Present when a step had identified the customer already; nothing with an effect was sent. */
  claim: Claim | null;
  connection: OpenConnection;
  /** The lock of the customer's spends, as far as it is known. */
  lock: string | null;
  /** How much longer its caller waits, in milliseconds. */
  waitMs: number;
}

/** How long the other spend's row is left alone between two looks, in milliseconds. */
const POLL_MS = 250;
/** How long before the wait is over the caller's answer is settled, in milliseconds: storing it takes a moment. */
const ANSWER_MS = 250;

/** Waits for the other spend as long as the caller waits, reconciles it once if its outcome is unknown, then gives up: nothing was sent. One that may have been sent before waits on. */
export async function unblock(core: Core, blocked: Blocked, again: () => Promise<void>): Promise<void> {
  const endsAt = performance.now() + blocked.waitMs;
  const left = () => Math.max(0, endsAt - performance.now());
  let waiting = blocked;
  let other = await otherSpend(core, blocked);
  let named: string | undefined;
  while (other && isUnderWay(other) && left() > ANSWER_MS) {
    waiting = await releaseClaim(core, waiting, left());
    if (other.id !== named) await nameOther(core, waiting, other);
    named = other.id;
    await core.notifications.wait(other.id, Math.min(POLL_MS, left() - ANSWER_MS));
    other = await otherSpend(core, blocked);
  }
  if (other?.state === 'unknown' && left() > ANSWER_MS) {
    await reconcileWithin(core, other.id, left() - ANSWER_MS).catch(() => undefined);
    other = await otherSpend(core, blocked);
  }
  if (other || left() <= ANSWER_MS) return giveUp(core, waiting, other);
  await releaseClaim(core, waiting, left());
  await again();
}

/** It ends by itself; one that is queued was answered 429, and is sent again. */
const isUnderWay = ({ state }: StoredOperation): boolean => state === 'dispatching' || state === 'queued';

const otherSpend = async (core: Core, { operation, lock }: Blocked): Promise<StoredOperation | null> =>
  lock === null ? null : core.stores.operations.openSpend(core.database.direct, operation.connectionId, lock);

const nameOther = (core: Core, { operation }: Blocked, other: StoredOperation): Promise<void> =>
  core.stores.turns.noteWait(core.database.direct, operation.id, {
    note: `waits for another spend of this customer: ${other.id}`,
  });

/** Puts the row back; its steps are read again only after the other spend ended, since each costs a start in the lane. */
async function releaseClaim(core: Core, blocked: Blocked, waitMs: number): Promise<Blocked> {
  if (!blocked.claim) return blocked;
  await core.stores.operations.requeue(core.database.direct, blocked.claim, {
    wakeAt: new Date(core.now().getTime() + waitMs),
    reason: 'another spend of this customer is in progress',
    doubtful: blocked.operation.writeSent,
  });
  return { ...blocked, claim: null };
}

async function giveUp(core: Core, blocked: Blocked, other: StoredOperation | null): Promise<void> {
  const { operation, claim, connection } = blocked;
  if (operation.writeSent) {
    // An answer of its own was lost before: "nothing was sent" would be false.
    await releaseClaim(core, blocked, 0);
    if (other) await nameOther(core, blocked, other);
    return runBehind(core, operation);
  }
  const refusal = new Refusal('customer-operation-unresolved', {
    detail: standing(other),
    ...(other && { operationId: other.id }),
  });
  const problem = storedProblem(refusal, operation.id);
  if (claim) {
    await settle(core, { operation, connection, claim }, { state: 'rejected', evidence: 'proof', problem });
    return;
  }
  await withdraw(core, operation, 'cancelled', problem);
}

function standing(other: StoredOperation | null): string {
  if (!other)
    return 'Another spend of this customer took the time of this one; try again now. Nothing was sent; a new attempt needs a new Idempotency-Key.';
  const { id, state } = other;
  if (state === 'dispatching')
    return `Another spend of this customer (${id}) is still running; try again in a moment. Nothing was sent; a new attempt needs a new Idempotency-Key.`;
  if (state === 'queued')
    return `An earlier spend of this customer (${id}) was put off by the provider and is to be sent again; try again in a moment. Nothing was sent; a new attempt needs a new Idempotency-Key.`;
  return `An earlier spend of this customer (${id}) has an unknown outcome, which must be resolved first: GET /v1/operations/${id}. Nothing was sent; a new attempt needs a new Idempotency-Key.`;
}
