import type { Tx } from '../database.js';
import type { OperationEntity } from '../entities/operation.entity.js';
import { rowOf } from './statement.js';

/** A stored operation; `ask` and `steps` are sealed and wiped when it is terminal. */
export type StoredOperation = Readonly<OperationEntity>;

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

/** The values of a new operation that its process claims at once: with the results of the steps before its request. */
export type ClaimedInsert = Omit<OperationInsert, 'wakeAt'> & Pick<StoredOperation, 'steps'>;

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
  const { names, places, values } = columnsOf(row);
  const [inserted]: Record<string, unknown>[] = await tx.query(
    `insert into operations (${names}) values (${places}) ${orElse} returning ${OPERATION_COLUMNS}`,
    values,
  );
  return inserted ? rowOf(inserted) : null;
}

/** The process that runs an operation, and for how long the row is its own, in milliseconds. */
export interface Lease {
  owner: string;
  leaseMs: number;
}

/** Inserts a row that is `dispatching` from the start, its request with the effect being sent next; returns it. Refused where its connection has got another lane (`isUnmet`, `same-lane`). */
export async function insertClaimedOperation(
  tx: Tx,
  row: ClaimedInsert,
  { owner, leaseMs }: Lease,
): Promise<StoredOperation> {
  const { names, places, values } = columnsOf(row, inSameLane);
  const [by, ms] = [`$${values.length + 1}`, `$${values.length + 2}`];
  // Not now(), when the transaction began: it may have waited since for another's lock, and the lease counts from here.
  const leaseEnd = `clock_timestamp() + ${ms} * interval '1 millisecond'`;
  const [inserted]: Record<string, unknown>[] = await tx.query(
    `insert into operations (${names}, state, outcome, fence, attempts, owner, lease_until, wake_at, write_sent, first_sent_at, last_sent_at)
     values (${places}, 'dispatching', 'unknown', 1, 1, ${by}, ${leaseEnd}, ${leaseEnd}, true, clock_timestamp(), clock_timestamp())
     returning ${OPERATION_COLUMNS}`,
    [...values, owner, leaseMs],
  );
  return rowOf(inserted!);
}

/** The lane of a new row, from that of its connection now and that by which it would be sent. */
type LaneOf = (now: string, read: string) => string;

// The connection may have got another lane since it was read, or been deleted.
const inLaneOfNow: LaneOf = (now, read) => `coalesce(${now}, ${read})`;
const inSameLane: LaneOf = (now, read) =>
  `case when expected(${now} = ${read}, 'same-lane') then ${read} end`;

function columnsOf(row: object, laneOf = inLaneOfNow): { names: string; places: string; values: unknown[] } {
  const columns = Object.keys(row);
  const placeOf = (column: string) => `$${columns.indexOf(column) + 1}`;
  // Locked, so that whoever moves the connection waits for the row, or the row for the move.
  const now = `(select lane from connections where id = ${placeOf('connectionId')} and deleted_at is null for key share)`;
  return {
    names: columns.map(column => column.replace(/[A-Z]/g, char => `_${char.toLowerCase()}`)).join(', '),
    places: columns
      .map(column => (column === 'lane' ? laneOf(now, placeOf(column)) : placeOf(column)))
      .join(', '),
    values: Object.values(row),
  };
}
