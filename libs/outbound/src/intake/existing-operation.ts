import { Refusal } from '#canonical';
import type { StoredKey, Tx, Vault } from '#persistence';
import { unlessOver } from '../connections/repeated-write.js';
import type { Core } from '../core/core.js';
import { fingerprintOf, isFingerprintOf } from './fingerprint.js';
import { storedAnswer } from './stored-answer.js';
import { referenceOf } from './submission.js';
import type { Accepted, FingerprintedSubmission, Submission } from './submission.js';

/** The same request, had it come over another connection. */
function asIfOver(vault: Vault, submission: FingerprintedSubmission, id: string): FingerprintedSubmission {
  const there = { ...submission, connection: { ...submission.connection, id } };
  return { ...there, fingerprint: fingerprintOf(vault, there) };
}

/** The till that repeats a request names its connection as before; meanwhile that one may have been deleted, and another one have taken its place. Throws `idempotency-key-reused` for any other request; it does not say that nothing was done where this one may stand at another connection. */
async function assertSameIntent(
  core: Core,
  tx: Tx,
  known: StoredKey,
  submission: FingerprintedSubmission,
): Promise<void> {
  const operation = known.operationId && (await core.stores.operations.byId(tx, known.operationId));
  if (
    !operation ||
    !isFingerprintOf(asIfOver(core.vault, submission, operation.connectionId), known.fingerprint)
  )
    throw new Refusal('idempotency-key-reused', { operationId: known.operationId ?? undefined });
  const first = await core.stores.connections.byId(tx, operation.connectionId);
  if (first?.deletedAt && (submission.connection.unnamed || submission.connection.slug === first.slug))
    return;
  const detail = `This \`Idempotency-Key\` belongs to the same request over the connection ${operation.connectionId}, not ${submission.connection.id}.`;
  throw unlessOver(new Refusal('idempotency-key-reused', { detail }), operation);
}

/** The stored answer of a known key, or its operation while it runs. Throws `idempotency-key-reused` for a different request. */
export async function replay(
  core: Core,
  tx: Tx,
  known: StoredKey,
  submission: FingerprintedSubmission,
): Promise<Accepted> {
  if (!isFingerprintOf(submission, known.fingerprint)) await assertSameIntent(core, tx, known, submission);
  const answer = storedAnswer(core, known);
  if (answer) return { outcome: 'replayed', ...answer, operationId: known.operationId };
  const operation = known.operationId && (await core.stores.operations.byId(tx, known.operationId));
  if (!operation)
    throw new Refusal('dependency-unavailable', {
      detail: 'A request with this Idempotency-Key is being accepted at this moment; repeat it.',
      outcome: 'unknown',
    });
  return { outcome: 'joined', operation };
}

/** The operation with the same merchant reference, if any. Throws `duplicate-reference` where its content differs. */
export async function existingByReference(
  core: Core,
  tx: Tx,
  submission: FingerprintedSubmission,
): Promise<Accepted | null> {
  const { connection, kind, idempotencyKey } = submission;
  const reference = referenceOf(submission);
  if (reference === null) return null;
  const standing = await core.stores.operations.byReference(tx, connection.id, kind.operation, reference);
  if (!standing) return null;
  if (!isFingerprintOf(submission, standing.contentHash)) {
    throw new Refusal('duplicate-reference', {
      operationId: standing.id,
      detail: `merchantReference ${reference} already belongs to ${standing.resourceId}, whose content differs.`,
    });
  }
  await core.stores.idempotency.attach(tx, connection.tenantId, idempotencyKey, standing.id);
  return { outcome: 'matched', operation: standing };
}

/** Whether key or merchant reference is known: such a request is no new work and is answered even under load. */
export async function existsAlready(core: Core, submission: Submission): Promise<boolean> {
  const { connection, kind, idempotencyKey } = submission;
  const { direct } = core.database;
  const reference = referenceOf(submission);
  const [key, standing] = await Promise.all([
    core.stores.idempotency.find(direct, connection.tenantId, idempotencyKey),
    reference !== null &&
      core.stores.operations.byReference(direct, connection.id, kind.operation, reference),
  ]);
  return Boolean(key ?? standing);
}
