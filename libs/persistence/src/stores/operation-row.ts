import type { Evidence, OperationState, Outcome, RetryClass } from '#canonical';
import type { Tx } from '../database.js';
import type { OperationEntity } from '../entities/operation.entity.js';
import { rowOf } from './statement.js';

/** A stored operation; `ask` and `steps` are sealed and wiped when it is terminal. */
export type StoredOperation = Readonly<
  Omit<OperationEntity, 'state' | 'outcome' | 'evidence' | 'retryClass'> & {
    state: OperationState;
    outcome: Outcome;
    evidence: Evidence;
    retryClass: RetryClass;
  }
>;

/** The values of a new operation. */
export type OperationInsert = Pick<
  StoredOperation,
  | 'id'
  | 'tenantId'
  | 'connectionId'
  | 'kind'
  | 'lane'
  | 'laneClass'
  | 'retryClass'
  | 'resourceType'
  | 'resourceId'
  | 'merchantReference'
  | 'contentHash'
  | 'customerLock'
  | 'spend'
  | 'serialKey'
  | 'nonce'
  | 'ask'
  | 'wakeAt'
  | 'expiresAt'
>;

/** An operation's columns for raw statements: a write reads it many times, so it bypasses the ORM. */
export const OPERATION_COLUMNS = `id, tenant_id, connection_id, kind, lane, lane_class, retry_class, resource_type, resource_id,
  merchant_reference, content_hash, state, outcome, evidence, fence, attempts, owner, lease_until, wake_at, expires_at,
  customer_lock, spend, serial_key, nonce, ask, steps, write_sent, first_sent_at, last_sent_at, repeats, reconcile,
  problem, result, created_at, updated_at, finished_at`;

/** Inserts a queued row and returns it; `null` where `orElse` (`on conflict …`) skipped it. */
export async function insertOperation(
  tx: Tx,
  row: OperationInsert,
  orElse = '',
): Promise<StoredOperation | null> {
  const columns = Object.keys(row) as (keyof OperationInsert)[];
  const names = columns.map(column => column.replace(/[A-Z]/g, char => `_${char.toLowerCase()}`));
  const [inserted]: Record<string, unknown>[] = await tx.query(
    `insert into operations (${names.join(', ')}) values (${columns.map((_, index) => `$${index + 1}`).join(', ')})
     ${orElse} returning ${OPERATION_COLUMNS}`,
    columns.map(column => row[column]),
  );
  return inserted ? rowOf(inserted) : null;
}
