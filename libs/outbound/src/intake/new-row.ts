import { randomUUID } from 'node:crypto';
import { newId } from '#canonical';
import type { OpenTx, OperationInsert } from '#persistence';
import { assertCallable, belongingTo } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import type { Prepared } from '../kinds/kind.js';
import { referenceOf } from './submission.js';
import type { FingerprintedSubmission } from './submission.js';

const WORTH_SECONDS = 24 * 3_600;
/** How long after the caller's wait another process may pick the row up, in milliseconds. */
const GRACE_MS = 2_000;

/** The numbers of an operation before it is stored. */
export type Draft = Pick<OperationInsert, 'id' | 'nonce'>;

/** Numbers for a new operation. */
export const newDraft = (): Draft => ({ id: newId('opr'), nonce: randomUUID() });

/** The idempotency key's row. */
export const keyRow = (
  { connection, idempotencyKey, fingerprint }: FingerprintedSubmission,
  operationId: string,
) => ({
  tenantId: connection.tenantId,
  key: idempotencyKey,
  fingerprint,
  operationId,
});

/** The operation's row, with its ask sealed. */
export function newRow(
  core: Core,
  submission: FingerprintedSubmission,
  prepared: Prepared,
  { id, nonce }: Draft,
): OperationInsert {
  const { connection, kind, waitMs } = submission;
  const now = core.now().getTime();
  return {
    id,
    ...belongingTo(connection),
    kind: kind.operation,
    lane: connection.lane.fingerprint,
    laneClass: kind.laneClass,
    retryClass: prepared.plan === 'advisory' ? 'absolute' : prepared.plan.retryClass,
    resourceType: kind.resourceType,
    resourceId: prepared.resourceId ?? (kind.prefix === 'opr' ? id : newId(kind.prefix)),
    merchantReference: referenceOf(submission),
    contentHash: submission.fingerprint,
    customerLock: prepared.customerLock ?? null,
    spend: prepared.spend ?? false,
    serialKey: prepared.serialKey ?? null,
    nonce,
    ask: core.vault.seal('operation', id, prepared.ask),
    // Without a waiting caller the lane's pump runs it.
    wakeAt: new Date(waitMs > 0 ? now + waitMs + GRACE_MS : now),
    expiresAt: new Date(now + (prepared.worthSeconds ?? WORTH_SECONDS) * 1_000),
  };
}

/** What the kind makes of the request; throws its `Refusal`, and that of a connection that may not be called. */
export async function prepare(
  core: Core,
  tx: OpenTx,
  submission: FingerprintedSubmission,
  read: unknown,
): Promise<Prepared> {
  const { connection, kind } = submission;
  assertCallable(connection);
  return kind.prepare({ core, tx, connection }, submission, read);
}
