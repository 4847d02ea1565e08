import { randomUUID } from 'node:crypto';
import { crashPoint } from '#crash-point';
import { Refusal, newId } from '#canonical';
import { isConflict } from '#persistence';
import type { OperationInsert, StoredOperation, Tx } from '#persistence';
import { assertCallable } from './connection.js';
import type { Core } from './core.js';
import type { Prepared } from './kinds/kind.js';
import { announce } from './settle.js';
import { fingerprintOf, matching, referenceOf, replay, standsAlready } from './standing.js';
import type { Accepted, Asked, Submission } from './submission.js';

const QUEUED_FOR_MS = 24 * 3_600_000;
/** How long after the caller's budget a row may be woken by somebody else. */
const GRACE_MS = 2_000;

/** Takes a write in: key, reference and row in one transaction, or nothing of them. Refusals before this point are not stored. */
export async function accept(core: Core, submission: Submission): Promise<Accepted> {
  const { connection, kind, idempotencyKey, waitMs } = submission;
  const fingerprint = fingerprintOf(submission);
  if (core.lateness.exceeds(waitMs) && !(await standsAlready(core, submission))) {
    core.lateness.assertTimeFor(waitMs);
  }
  const look = kind.look?.(core, connection, submission);
  // A provider is asked only about what is new and may be sent; all else is told by the key's own row.
  const { direct } = core.database;
  const known = look && (await core.stores.idempotency.find(direct, connection.tenantId, idempotencyKey));
  if (known) return replay(core, direct, known, fingerprint);
  if (look) assertCallable(connection);
  const looked = await look?.();
  const asked = { ...submission, fingerprint };
  const accepted = (await acceptNew(core, asked, looked)) ?? (await acceptKnown(core, asked, looked));
  crashPoint('accept:done');
  return accepted;
}

/** What should have been taken in one piece met something that stood already, or a refusal. */
class Met extends Error {}

/** Most requests are new: key, row and resource leave together with their COMMIT. Whatever one of them meets takes all back; `null` = look what it was. */
async function acceptNew(core: Core, asked: Asked, looked: unknown): Promise<Accepted | null> {
  let taking: Taking | undefined;
  try {
    const stands = await core.database.transaction(async tx => {
      const prepared = await prepare(core, tx, asked, looked);
      if (prepared instanceof Refusal) throw new Met();
      // What ends at once is claimed and settled in here: that needs to see the row first.
      if (prepared.doing === 'advisory') return oneByOne(core, tx, asked, prepared);
      taking = take(core, tx, asked, prepared);
      await taking.resource;
      crashPoint('accept:inside');
    });
    return stands ?? { outcome: 'new', operation: await taking!.operation };
  } catch (error) {
    if (error instanceof Met || error instanceof Refusal || isConflict(error)) return null;
    if (taking && (await met(taking))) return null;
    throw error;
  }
}

/** Statements that are on their way, none of which has been waited for. */
interface Taking {
  key: Promise<void>;
  operation: Promise<StoredOperation>;
  resource: Promise<void>;
}

function take(core: Core, tx: Tx, asked: Asked, prepared: Prepared): Taking {
  const id = newId('opr');
  const row = newRow(core, asked, id, prepared);
  const key = core.stores.idempotency.claim(tx, keyRow(asked, id));
  const operation = core.stores.operations.add(tx, row);
  const { kind, connection } = asked;
  const resource = kind.accept({ core, tx, connection }, { id, resourceId: row.resourceId }, prepared, asked);
  void Promise.allSettled([key, operation, resource]);
  return { key, operation, resource };
}

/** Whether the key or the reference stood already: then Postgres has taken all of it back, whatever its COMMIT came to. */
async function met({ key, operation }: Taking): Promise<boolean> {
  const ends = await Promise.allSettled([key, operation]);
  return ends.some(end => end.status === 'rejected' && isConflict(end.reason));
}

/** The same one after the other, and in the same order, where the key or the reference may stand already or the kind refuses. */
const acceptKnown = (core: Core, asked: Asked, looked: unknown): Promise<Accepted> =>
  core.database.transaction(async tx => oneByOne(core, tx, asked, await prepare(core, tx, asked, looked)));

async function oneByOne(core: Core, tx: Tx, asked: Asked, prepared: Prepared | Refusal): Promise<Accepted> {
  const id = newId('opr');
  const taken = await core.stores.idempotency.take(tx, keyRow(asked, id));
  if (taken) return replay(core, tx, taken, asked.fingerprint);
  // A sale that used up its hold would be refused now for the very hold that it used up.
  if (prepared instanceof Refusal) return (await matching(core, tx, asked)) ?? refuse(prepared);
  // Who took the reference at the same moment may have been refused since: then it is free again.
  for (;;) {
    const stands = (await insert(core, tx, asked, id, prepared)) ?? (await matching(core, tx, asked));
    if (stands) {
      crashPoint('accept:inside');
      return stands;
    }
  }
}

const refuse = (refusal: Refusal): never => {
  throw refusal;
};

const keyRow = ({ connection, idempotencyKey, fingerprint }: Asked, operationId: string) => ({
  tenantId: connection.tenantId,
  key: idempotencyKey,
  fingerprint,
  operationId,
});

/** What the kind makes of the request, or why it refuses. */
async function prepare(core: Core, tx: Tx, asked: Asked, looked: unknown): Promise<Prepared | Refusal> {
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
  asked: Asked,
  id: string,
  prepared: Prepared,
): Promise<Accepted | null> {
  const { connection, kind } = asked;
  const row = newRow(core, asked, id, prepared);
  const inserted = await core.stores.operations.insert(tx, row);
  if (!inserted) return null;
  await kind.accept({ core, tx, connection }, { id, resourceId: row.resourceId }, prepared, asked);
  if (prepared.doing !== 'advisory') return { outcome: 'new', operation: inserted };
  await finishAtOnce(core, tx, id);
  return { outcome: 'new', operation: (await core.stores.operations.byId(tx, id))! };
}

function newRow(core: Core, asked: Asked, id: string, prepared: Prepared): OperationInsert {
  const { connection, kind, waitMs } = asked;
  const now = core.now().getTime();
  return {
    id,
    tenantId: connection.tenantId,
    connectionId: connection.id,
    kind: kind.kind,
    lane: connection.lane.fingerprint,
    laneClass: kind.laneClass,
    retryClass: prepared.doing === 'advisory' ? 'absolute' : prepared.doing.retryClass,
    resourceType: kind.resourceType,
    resourceId: prepared.resourceId ?? newId(kind.prefix),
    merchantReference: referenceOf(asked),
    contentHash: asked.fingerprint,
    customerLock: prepared.customerLock ?? null,
    spend: prepared.spend ?? false,
    serialKey: prepared.serialKey ?? null,
    nonce: randomUUID(),
    ask: core.vault.seal('operation', id, prepared.ask),
    // Without a caller who waits it is the lane's pump that runs it.
    wakeAt: new Date(waitMs > 0 ? now + waitMs + GRACE_MS : now),
    expiresAt: new Date(now + QUEUED_FOR_MS),
  };
}

/** What the gateway does by itself is done when it is accepted: no provider is asked. */
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
