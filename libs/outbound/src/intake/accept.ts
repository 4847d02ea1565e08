import { randomUUID } from 'node:crypto';
import { crashPoint } from '#crash-point';
import { Refusal, newId } from '#canonical';
import { isConflict } from '#persistence';
import type { OperationInsert, StoredOperation, Tx } from '#persistence';
import { assertCallable } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import type { Prepared } from '../kinds/kind.js';
import { announce } from '../run/settle.js';
import {
  fingerprintOf,
  existingByReference,
  referenceOf,
  replay,
  existsAlready,
} from './existing-operation.js';
import type { Accepted, FingerprintedSubmission, Submission } from './submission.js';

const QUEUED_FOR_MS = 24 * 3_600_000;
/** How long after the caller's wait another process may pick the row up, in milliseconds. */
const GRACE_MS = 2_000;

/** Accepts a write: idempotency key, merchant reference, operation and resource are stored in one transaction, or none of them. A refusal before this point is not stored. */
export async function accept(core: Core, submission: Submission): Promise<Accepted> {
  const { connection, kind, idempotencyKey, waitMs } = submission;
  const asked = { ...submission, fingerprint: fingerprintOf(submission) };
  if (core.loadShedder.exceeds(waitMs) && !(await existsAlready(core, submission))) {
    core.loadShedder.assertTimeFor(waitMs);
  }
  const look = kind.askFirst?.(core, connection, submission);
  // Ask the provider about new requests only; a known key is answered from its own row.
  const { direct } = core.database;
  const known = look && (await core.stores.idempotency.find(direct, connection.tenantId, idempotencyKey));
  if (known) return replay(core, direct, known, asked);
  if (look) assertCallable(connection);
  const looked = await look?.();
  const accepted = (await acceptNew(core, asked, looked)) ?? (await acceptKnown(core, asked, looked));
  crashPoint('accept:done');
  return accepted;
}

/** The key or the reference exists already, or the kind refuses: rolls the transaction back. */
class AlreadyThere extends Error {}

/** The common case, a new request: all inserts and the COMMIT leave in one round trip. `null` = a conflict rolled all of it back, and `acceptKnown` finds out which. */
async function acceptNew(
  core: Core,
  asked: FingerprintedSubmission,
  looked: unknown,
): Promise<Accepted | null> {
  let taking: PendingInserts | undefined;
  try {
    const stands = await core.database.transaction(async tx => {
      const prepared = await prepare(core, tx, asked, looked);
      if (prepared instanceof Refusal) throw new AlreadyThere();
      // An advisory write is settled in this transaction, which has to see the row first.
      if (prepared.plan === 'advisory') return acceptStepwise(core, tx, asked, prepared);
      taking = insertAll(core, tx, asked, prepared);
      await taking.resource;
      crashPoint('accept:inside');
    });
    return stands ?? { outcome: 'new', operation: await taking!.operation };
  } catch (error) {
    if (error instanceof AlreadyThere || error instanceof Refusal || isConflict(error)) return null;
    if (taking && (await hitConflict(taking))) return null;
    throw error;
  }
}

/** Inserts that were sent and not awaited yet. */
interface PendingInserts {
  key: Promise<void>;
  operation: Promise<StoredOperation>;
  resource: Promise<void>;
}

function insertAll(core: Core, tx: Tx, asked: FingerprintedSubmission, prepared: Prepared): PendingInserts {
  const id = newId('opr');
  const row = newRow(core, asked, id, prepared);
  const key = core.stores.idempotency.claim(tx, keyRow(asked, id));
  const operation = core.stores.operations.add(tx, row);
  const { kind, connection } = asked;
  const resource = kind.accept({ core, tx, connection }, { id, resourceId: row.resourceId }, prepared, asked);
  void Promise.allSettled([key, operation, resource]);
  return { key, operation, resource };
}

/** Whether the key or the reference existed: Postgres then rolled back, whatever it said to COMMIT. */
async function hitConflict({ key, operation }: PendingInserts): Promise<boolean> {
  const ends = await Promise.allSettled([key, operation]);
  return ends.some(end => end.status === 'rejected' && isConflict(end.reason));
}

/** The same inserts in the same order, one by one, to find out what exists already. */
const acceptKnown = (core: Core, asked: FingerprintedSubmission, looked: unknown): Promise<Accepted> =>
  core.database.transaction(async tx =>
    acceptStepwise(core, tx, asked, await prepare(core, tx, asked, looked)),
  );

async function acceptStepwise(
  core: Core,
  tx: Tx,
  asked: FingerprintedSubmission,
  prepared: Prepared | Refusal,
): Promise<Accepted> {
  const id = newId('opr');
  const taken = await core.stores.idempotency.take(tx, keyRow(asked, id));
  if (taken) return replay(core, tx, taken, asked);
  // A repeated sale would be refused for the hold that its first run consumed: look for that run first.
  if (prepared instanceof Refusal) return (await existingByReference(core, tx, asked)) ?? refuse(prepared);
  // A concurrent request may have taken the reference and been refused since: then it is free again.
  for (;;) {
    const stands =
      (await insert(core, tx, asked, id, prepared)) ?? (await existingByReference(core, tx, asked));
    if (stands) {
      crashPoint('accept:inside');
      return stands;
    }
  }
}

const refuse = (refusal: Refusal): never => {
  throw refusal;
};

const keyRow = (
  { connection, idempotencyKey, fingerprint }: FingerprintedSubmission,
  operationId: string,
) => ({
  tenantId: connection.tenantId,
  key: idempotencyKey,
  fingerprint,
  operationId,
});

/** What the kind makes of the request, or why it refuses. */
async function prepare(
  core: Core,
  tx: Tx,
  asked: FingerprintedSubmission,
  looked: unknown,
): Promise<Prepared | Refusal> {
  try {
    assertCallable(asked.connection);
    return await asked.kind.prepare(core, tx, asked.connection, asked, looked);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

async function insert(
  core: Core,
  tx: Tx,
  asked: FingerprintedSubmission,
  id: string,
  prepared: Prepared,
): Promise<Accepted | null> {
  const { connection, kind } = asked;
  const row = newRow(core, asked, id, prepared);
  const inserted = await core.stores.operations.insert(tx, row);
  if (!inserted) return null;
  await kind.accept({ core, tx, connection }, { id, resourceId: row.resourceId }, prepared, asked);
  if (prepared.plan !== 'advisory') return { outcome: 'new', operation: inserted };
  await finishAtOnce(core, tx, id);
  return { outcome: 'new', operation: (await core.stores.operations.byId(tx, id))! };
}

function newRow(core: Core, asked: FingerprintedSubmission, id: string, prepared: Prepared): OperationInsert {
  const { connection, kind, waitMs } = asked;
  const now = core.now().getTime();
  return {
    id,
    tenantId: connection.tenantId,
    connectionId: connection.id,
    kind: kind.kind,
    lane: connection.lane.fingerprint,
    laneClass: kind.laneClass,
    retryClass: prepared.plan === 'advisory' ? 'absolute' : prepared.plan.retryClass,
    resourceType: kind.resourceType,
    resourceId: prepared.resourceId ?? newId(kind.prefix),
    merchantReference: referenceOf(asked),
    contentHash: asked.fingerprint,
    customerLock: prepared.customerLock ?? null,
    spend: prepared.spend ?? false,
    serialKey: prepared.serialKey ?? null,
    nonce: randomUUID(),
    ask: core.vault.seal('operation', id, prepared.ask),
    // Without a waiting caller the lane's pump runs it.
    wakeAt: new Date(waitMs > 0 ? now + waitMs + GRACE_MS : now),
    expiresAt: new Date(now + QUEUED_FOR_MS),
  };
}

/** An advisory write needs no provider: it has succeeded once it is accepted. */
async function finishAtOnce(core: Core, tx: Tx, id: string): Promise<void> {
  const answer = await core.stores.operations.claim(
    tx,
    { id, fence: 0 },
    { owner: core.owner, leaseMs: 1_000 },
  );
  if (!('claim' in answer)) throw new Error(`The new operation ${id} could not be claimed.`);
  await core.stores.operations.settle(tx, answer.claim, {
    state: 'succeeded',
    outcome: 'executed',
    evidence: 'proof',
  });
  await announce(core, tx, (await core.stores.operations.byId(tx, id))!);
}
