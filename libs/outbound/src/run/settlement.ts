import type { Evidence, OperationState, Problem } from '#canonical';
import type { AuditInsert, Claim, Search, StoredOperation } from '#persistence';
import type { OpenConnection } from '../connections/connection.js';

/** An operation and the claim under which its outcome is written. */
export interface ClaimedOperation {
  operation: StoredOperation;
  claim: Claim;
  /** Absent once it was deleted: its operations can then only go to a person. */
  connection?: OpenConnection;
}

/** The row has a newer fence: nothing was written. */
export class StaleClaim extends Error {}

/** The effect that the provider named, or that reconciliation found, belongs to another operation. */
export class AnothersEffect extends Error {}

/** An operation's outcome, before it is stored. */
export interface Settlement {
  state: Extract<OperationState, 'succeeded' | 'rejected' | 'unknown' | 'needs-review'>;
  evidence: Evidence;
  /** The adapter's result, if the provider returned one. */
  result?: unknown;
  /** The ask as it was sent, or as the probe saw it: for a success that the provider answered or showed. */
  ask?: unknown;
  problem?: Problem | null;
  /** Absent = it stays as it is. */
  reconcile?: Search;
  wakeAt?: Date | null;
  /** Decided by a person: the line of the audit log, stored in the same transaction. */
  byPerson?: AuditInsert;
}
