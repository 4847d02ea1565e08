import { createHash, randomUUID } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { crashPoint } from '#crash-point';
import { Refusal, newId } from '#canonical';
import type { ProblemContext } from '#canonical';
import { isConflict } from '#persistence';
import type { StoredKey, StoredOperation, Tx } from '#persistence';
import { assertCallable } from './connection.js';
import { announce } from './settle.js';
import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';
import type { Kind, Prepared, Request } from './kinds/kind.js';

/** A write as it comes in from REST, from the command queue or from the façade. */
export interface Submission<Body = any> extends Request<Body> {
  kind: Kind<Body>;
  connection: OpenConnection;
  /** Client's key, or one derived by us; unique per tenant. */
  idempotencyKey: string;
  /** How long the caller waits, in milliseconds. */
  waitMs: number;
  /** How a refusal is told to this caller; English and the operation's own id unless given. */
  told?: Pick<ProblemContext, 'requestId' | 'language'>;
}

/** What stands after acceptance: a new operation, one that stood already, or a stored answer. */
export type Accepted =
  | { outcome: 'new'; operation: StoredOperation }
  | { outcome: 'joined'; operation: StoredOperation; replayed: true }
  | { outcome: 'matched'; operation: StoredOperation }
  | {
      outcome: 'replayed';
      status: number;
      location: string | null;
      body: unknown;
      operationId: string | null;
    };

const QUEUED_FOR_MS = 24 * 3_600_000;
/** How long after the caller's budget a row may be woken by somebody else. */
const GRACE_MS = 2_000;

/** Takes a write in: key, reference and row in one transaction, or nothing of them. Refusals before this point are not stored. */
export async function accept(core: Core, submission: Submission): Promise<Accepted> {
  const { connection, kind, idempotencyKey } = submission;
  const fingerprint = fingerprintOf(submission);
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

/** A submission with the fingerprint of what it asks. */
type Asked = Submission & { fingerprint: string };

/** What should have been taken in one piece met something that stood already, or a refusal. */
class Met extends Error {}

/** Most requests are new: key, row and resource leave together. Whatever one of them meets takes all back; `null` = look what it was. */
async function acceptNew(core: Core, asked: Asked, looked: unknown): Promise<Accepted | null> {
  try {
    return await core.database.transaction(async tx => {
      const prepared = await prepare(core, tx, asked, looked);
      if (prepared instanceof Refusal) throw new Met();
      const id = newId('opr');
      const [taken, stands] = await Promise.all([
        takeKey(core, tx, asked, id),
        insert(core, tx, asked, id, prepared),
      ]);
      if (taken || !stands) throw new Met();
      crashPoint('accept:inside');
      return stands;
    });
  } catch (error) {
    if (error instanceof Met || error instanceof Refusal || isConflict(error)) return null;
    throw error;
  }
}

/** The same one after the other, and in the same order, where the key or the reference may stand already or the kind refuses. */
function acceptKnown(core: Core, asked: Asked, looked: unknown): Promise<Accepted> {
  return core.database.transaction<Accepted>(async tx => {
    const prepared = await prepare(core, tx, asked, looked);
    const id = newId('opr');
    const taken = await takeKey(core, tx, asked, id);
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
  });
}

const refuse = (refusal: Refusal): never => {
  throw refusal;
};

const takeKey = (
  core: Core,
  tx: Tx,
  { connection, idempotencyKey, fingerprint }: Asked,
  operationId: string,
): Promise<StoredKey | null> =>
  core.stores.idempotency.take(tx, {
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

/** SHA-256 of what was asked, in canonical JSON: method and route stand in the kind. */
export function fingerprintOf({
  kind,
  connection,
  body,
  params,
}: Pick<Submission, 'kind' | 'connection' | 'body' | 'params'>): string {
  return createHash('sha256')
    .update(canonicalJson({ kind: kind.kind, connection: connection.id, params, body }))
    .digest('hex');
}

async function replay(core: Core, tx: Tx, known: StoredKey, fingerprint: string): Promise<Accepted> {
  if (known.fingerprint !== fingerprint) throw new Refusal('idempotency-key-reused');
  if (known.status !== null && known.body) {
    const body = core.vault.open('idempotency', `${known.tenantId}/${known.key}`, known.body);
    return {
      outcome: 'replayed',
      status: known.status,
      location: known.location,
      body,
      operationId: known.operationId,
    };
  }
  const operation = known.operationId && (await core.stores.operations.byId(tx, known.operationId));
  if (!operation)
    throw new Refusal('dependency-unavailable', {
      detail: 'A request with this Idempotency-Key is just being taken in; repeat it.',
    });
  return { outcome: 'joined', operation, replayed: true };
}

async function matching(core: Core, tx: Tx, submission: Asked): Promise<Accepted | null> {
  const { connection, kind, idempotencyKey } = submission;
  const reference = referenceOf(submission);
  if (reference === null) return null;
  const standing = await core.stores.operations.byReference(tx, connection.id, kind.kind, reference);
  if (!standing) return null;
  if (standing.contentHash !== submission.fingerprint) {
    throw new Refusal('duplicate-reference', {
      operationId: standing.id,
      detail: `merchantReference ${reference} is taken by ${standing.resourceId}, whose content differs.`,
    });
  }
  await core.stores.idempotency.attach(tx, connection.tenantId, idempotencyKey, standing.id);
  return { outcome: 'matched', operation: standing };
}

const referenceOf = ({ body }: Pick<Submission, 'body'>): string | null =>
  (body as { merchantReference?: string } | undefined)?.merchantReference ?? null;

async function insert(
  core: Core,
  tx: Tx,
  submission: Asked,
  id: string,
  prepared: Prepared,
): Promise<Accepted | null> {
  const { connection, kind, waitMs } = submission;
  const resourceId = prepared.resourceId ?? newId(kind.prefix);
  const now = core.now().getTime();
  const inserted = await core.stores.operations.insert(tx, {
    id,
    tenantId: connection.tenantId,
    connectionId: connection.id,
    kind: kind.kind,
    lane: connection.lane.fingerprint,
    laneClass: kind.laneClass,
    retryClass: prepared.doing === 'advisory' ? 'absolute' : prepared.doing.retryClass,
    resourceType: kind.resourceType,
    resourceId,
    merchantReference: referenceOf(submission),
    contentHash: submission.fingerprint,
    customerLock: prepared.customerLock ?? null,
    spend: prepared.spend ?? false,
    serialKey: prepared.serialKey ?? null,
    nonce: randomUUID(),
    ask: core.vault.seal('operation', id, prepared.ask),
    // Without a caller who waits it is the lane's pump that runs it.
    wakeAt: new Date(waitMs > 0 ? now + waitMs + GRACE_MS : now),
    expiresAt: new Date(now + QUEUED_FOR_MS),
  });
  if (!inserted) return null;
  await kind.accept({ core, tx, connection }, { id, resourceId }, prepared, submission);
  if (prepared.doing !== 'advisory') return { outcome: 'new', operation: inserted };
  await finishAtOnce(core, tx, id);
  return { outcome: 'new', operation: (await core.stores.operations.byId(tx, id))! };
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
