import type { WhyUnanswered } from '#adapter-kit';
import type { Refusal, RetryClass } from '#canonical';

/** How one attempt ended. */
export type AttemptOutcome<Result = unknown> =
  | { kind: 'done'; result: Result }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'not-sent'; reason: string }
  | { kind: 'throttled'; retryAfterMs: number }
  /** No start in the lane, or an open circuit: nothing was sent. */
  | { kind: 'no-slot'; retryAfterMs: number; circuitOpen?: true }
  | ({ kind: 'unanswered'; reason: string } & WhyUnanswered);

/** What is known of the operation when the attempt ends. */
export interface AttemptContext {
  retryClass: RetryClass;
  /** The adapter declares how to reconcile it. */
  reconcilable: boolean;
  /** THIS attempt's request may have had its effect. */
  wrote: boolean;
  /** The request with the effect was answered 429, and may have had it all the same. */
  doubts429?: boolean;
  /** An EARLIER attempt's answer was lost. */
  doubtful: boolean;
  attempts: number;
}

/** What to do next. */
export type Decision =
  | { next: 'succeeded'; result: unknown }
  | { next: 'rejected'; refusal: Refusal }
  | { next: 'unknown'; reason: string }
  /** `doubtful` = the effect may exist already; the call is safe to repeat all the same. */
  | { next: 'queued'; waitMs: number; reason: string; doubtful: boolean };

/** Whether a call may be sent again although its first request may have had its effect: the provider recognises the key, or a second effect changes nothing. */
export const isRepeatable = (retryClass: RetryClass): boolean =>
  retryClass === 'keyed' || retryClass === 'absolute';

/** Whether it is sent again before anything is looked up: a repeat of an absolute call sets what is wished, and its answer is the proof; a keyed one is repeated where no look-up shows its effect. */
export const isRepeatedFirst = (retryClass: RetryClass, reconcilable: boolean): boolean =>
  retryClass === 'absolute' || (retryClass === 'keyed' && !reconcilable);

const MOST_REPEATS = 10;

/** Decides what follows from an attempt. Only a call that is safe to repeat goes back to the queue after its request left. */
export function decide(attempt: AttemptOutcome, standing: AttemptContext): Decision {
  const { doubtful } = standing;
  switch (attempt.kind) {
    case 'done':
      return { next: 'succeeded', result: attempt.result };
    case 'refused':
      // An earlier request may have been executed; a "no" to a later one proves nothing about it.
      return doubtful || standing.wrote
        ? { next: 'unknown', reason: 'a "no" came after a lost answer' }
        : { next: 'rejected', refusal: attempt.refusal };
    case 'throttled':
      return {
        next: 'queued',
        waitMs: attempt.retryAfterMs,
        reason: attempt.kind,
        doubtful: doubtful || (standing.doubts429 === true && !isRepeatable(standing.retryClass)),
      };
    case 'no-slot':
      return { next: 'queued', waitMs: attempt.retryAfterMs, reason: attempt.kind, doubtful };
    case 'not-sent':
      return { next: 'queued', waitMs: backoff(standing.attempts), reason: attempt.reason, doubtful };
    case 'unanswered':
      return afterSilence(attempt.reason, standing);
  }
}

function afterSilence(reason: string, standing: AttemptContext): Decision {
  const { retryClass, wrote, doubtful, attempts } = standing;
  if (!wrote && !doubtful) return { next: 'queued', waitMs: backoff(attempts), reason, doubtful };
  if (isRepeatedFirst(retryClass, standing.reconcilable) && attempts < MOST_REPEATS)
    return { next: 'queued', waitMs: backoff(attempts), reason, doubtful: true };
  return { next: 'unknown', reason };
}

const STEPS_MS = [250, 1_000, 2_000, 5_000, 10_000, 30_000];

/** The pause before attempt n + 1, in milliseconds: short while a cashier may still be waiting, at most a minute. */
export const backoff = (attempts: number): number => STEPS_MS[Math.max(0, attempts - 1)] ?? 60_000;
