import { createHash } from 'node:crypto';
import { Refusal } from '#canonical';
import type { StoredKey, Tx } from '#persistence';
import { canonicalJson } from './canonical-json.js';
import type { Core } from './core.js';
import type { Accepted, Asked, Submission } from './submission.js';

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

/** What a key that is known says; throws `idempotency-key-reused` where it was another request's. */
export async function replay(core: Core, tx: Tx, known: StoredKey, fingerprint: string): Promise<Accepted> {
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
      outcome: 'unknown',
    });
  return { outcome: 'joined', operation, replayed: true };
}

/** What stands under the same merchant's reference, if anything; throws `duplicate-reference` where its content differs. */
export async function matching(core: Core, tx: Tx, submission: Asked): Promise<Accepted | null> {
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

/** Whether anything stands under the key or the merchant's reference: such a request is no new work, and its sender must hear the truth. */
export async function standsAlready(core: Core, submission: Submission): Promise<boolean> {
  const { connection, kind, idempotencyKey } = submission;
  const { direct } = core.database;
  const reference = referenceOf(submission);
  const [key, standing] = await Promise.all([
    core.stores.idempotency.find(direct, connection.tenantId, idempotencyKey),
    reference !== null && core.stores.operations.byReference(direct, connection.id, kind.kind, reference),
  ]);
  return Boolean(key ?? standing);
}

/** The merchant's reference of a body that has one. */
export const referenceOf = ({ body }: Pick<Submission, 'body'>): string | null =>
  (body as { merchantReference?: string } | undefined)?.merchantReference ?? null;
