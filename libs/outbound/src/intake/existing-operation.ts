import { createHash } from 'node:crypto';
import { Refusal, canonicalForm } from '#canonical';
import type { StoredKey, Tx, Vault } from '#persistence';
import { canonicalJson } from './canonical-json.js';
import { unlessOver } from '../connections/repeated-write.js';
import type { Core } from '../core/core.js';
import { storedAnswer } from './stored-answer.js';
import type { Accepted, FingerprintedSubmission, Submission } from './submission.js';

/** What makes a request this one and no other. */
type Content = Pick<Submission, 'kind' | 'connection' | 'body' | 'params'>;

/** A keyed hash of the request in canonical JSON: a plain one, kept as long as the books, would let everybody with a copy of the database try all phones. `kind` stands for method and route, and sums count by their value ("10.0" is "10.00"). */
export const fingerprintOf = (vault: Vault, content: Content): string =>
  vault.fingerprint('content', textOf(inOneNotation(content)));

const inOneNotation = (content: Content): Content => ({ ...content, body: canonicalForm(content.body) });

const textOf = ({ kind, connection, params, body }: Content): string =>
  canonicalJson({ kind: kind.operation, connection: connection.id, params, body });

/** Rows of earlier versions have the plain SHA-256, first of the body as it was sent, then of its one notation. */
const earlierOf = (content: Content): string[] =>
  [inOneNotation(content), content].map(one => createHash('sha256').update(textOf(one)).digest('hex'));

/** Whether a stored fingerprint is this request's. */
const isOf = (asked: FingerprintedSubmission, stored: string): boolean =>
  stored === asked.fingerprint || earlierOf(asked).includes(stored);

/** The same request, had it come over another connection. */
function over(vault: Vault, asked: FingerprintedSubmission, id: string): FingerprintedSubmission {
  const there = { ...asked, connection: { ...asked.connection, id } };
  return { ...there, fingerprint: fingerprintOf(vault, there) };
}

/** The till that repeats a request names its connection as before; meanwhile that one may have been deleted, and another one have taken its place. Throws `idempotency-key-reused` for any other request; it does not say that nothing was done where this one may stand at another connection. */
async function assertMeant(
  core: Core,
  tx: Tx,
  known: StoredKey,
  asked: FingerprintedSubmission,
): Promise<void> {
  const operation = known.operationId && (await core.stores.operations.byId(tx, known.operationId));
  if (!operation || !isOf(over(core.vault, asked, operation.connectionId), known.fingerprint))
    throw new Refusal('idempotency-key-reused');
  const first = await core.stores.connections.byId(tx, operation.connectionId);
  if (first?.deletedAt && (asked.connection.unnamed || asked.connection.slug === first.slug)) return;
  const detail = `This \`Idempotency-Key\` belongs to the same request over the connection ${operation.connectionId}, not ${asked.connection.id}.`;
  throw unlessOver(new Refusal('idempotency-key-reused', { detail }), operation);
}

/** The stored answer of a known key, or its operation while it runs. Throws `idempotency-key-reused` for a different request. */
export async function replay(
  core: Core,
  tx: Tx,
  known: StoredKey,
  asked: FingerprintedSubmission,
): Promise<Accepted> {
  if (!isOf(asked, known.fingerprint)) await assertMeant(core, tx, known, asked);
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
  if (!isOf(submission, standing.contentHash)) {
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

/** The merchant's reference of a body that has one. */
export const referenceOf = ({ body }: Pick<Submission, 'body'>): string | null =>
  (body as { merchantReference?: string } | undefined)?.merchantReference ?? null;
