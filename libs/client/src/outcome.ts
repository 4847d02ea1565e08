import type { Operation, Problem } from './types.js';

/** It happened; `resource` is the result. */
export interface Done<Resource> {
  outcome: 'done';
  resource: Resource;
  /** True if an earlier attempt did it. */
  replayed: boolean;
  key: string;
}

/** It certainly did not happen. If `problem.retryable`, the same request may be sent again. */
export interface Refused {
  outcome: 'refused';
  problem: Problem;
  key: string;
}

/**
 * It is not known yet whether it happens. Tell the cashier so, and ask again later with the same content: it uses the same key
 * and so can never happen twice.
 */
export interface Unknown {
  outcome: 'unknown';
  /** Its last known state; absent if no answer confirmed that the gateway accepted the write. */
  operation?: Operation;
  /** What the gateway last said instead of an outcome. */
  problem?: Problem;
  /** Why the last answer was lost. */
  cause?: unknown;
  key: string;
}

/** The outcome of a write. A refusal is a result, not an exception. */
export type WriteResult<Resource> = Done<Resource> | Refused | Unknown;

/** Statuses that the gateway returns only after it has checked whether the key is known, or because of the request's own bytes. */
const SAID_OF_THE_KEY = new Set([400, 409, 413, 415, 422, 501]);

/** Said of what arrived, which was not what the client sends: the key, the JSON or its type was damaged on its way. */
const NOT_OURS = new Set([
  'idempotency-key-missing',
  'idempotency-key-invalid',
  'malformed-json',
  'unsupported-media-type',
]);

/** Statuses of requests that the gateway refuses unread: its `unknown` is about earlier attempts, of which the client knows more. */
const UNREAD = new Set([401, 429]);

/** Whether the attempt that was refused may nevertheless have been accepted. */
export const mayStand = ({ outcome, status }: Problem): boolean =>
  outcome !== 'not-executed' && !UNREAD.has(status);

/**
 * Whether a problem proves that the write did not happen. A lost attempt may have been accepted: then a refusal that
 * the gateway returns before it checks the key (a revoked API key, a paused connection, a limit) says nothing about
 * that attempt.
 */
export function provesNothingHappened(problem: Problem, earlierAttemptMayStand: boolean): boolean {
  if (mayStand(problem)) return false;
  if (!earlierAttemptMayStand || problem.operationId !== undefined) return true;
  return SAID_OF_THE_KEY.has(problem.status) && !NOT_OURS.has(problem.code);
}
