import type { Operation, Problem } from './types.js';

/** It happened, and this is what was made. */
export interface Done<Resource> {
  outcome: 'done';
  resource: Resource;
  /** The answer stood already: an earlier try was the one that did it. */
  replayed: boolean;
  key: string;
}

/** It did not happen, for certain. With `problem.retryable` it may be asked again as it is. */
export interface Refused {
  outcome: 'refused';
  problem: Problem;
  key: string;
}

/**
 * Nobody can say yet whether it happens: tell the cashier so, and ask again with the same content, which goes under the
 * same key and can therefore never do it twice.
 */
export interface Unknown {
  outcome: 'unknown';
  /** As the gateway last showed it; absent when no answer said that the gateway has taken the write in. */
  operation?: Operation;
  /** What the gateway last said instead of an outcome. */
  problem?: Problem;
  /** Why the last answer did not come. */
  cause?: unknown;
  key: string;
}

/** What became of a write. A refusal is an answer, not an exception. */
export type WriteResult<Resource> = Done<Resource> | Refused | Unknown;

/** Statuses that the gateway gives only after it looked whether the key is known, or for the request's own bytes. */
const SAID_OF_THE_KEY = new Set([400, 409, 413, 415, 422, 501]);

/**
 * Whether a problem proves that the write did not happen. A lost try may have been taken in: then a refusal that the
 * gateway gives before it looks at the key (a revoked key, a paused connection, a limit) says nothing about that try.
 */
export function provesNothingHappened(problem: Problem, earlierTryMayStand: boolean): boolean {
  if (problem.outcome !== 'not-executed') return false;
  return !earlierTryMayStand || problem.operationId !== undefined || SAID_OF_THE_KEY.has(problem.status);
}
