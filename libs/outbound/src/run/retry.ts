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
  const repeatable = isRepeatable(retryClass) && !standing.reconcilable;
  if (repeatable && attempts < MOST_REPEATS)
    return { next: 'queued', waitMs: backoff(attempts), reason, doubtful: true };
  return { next: 'unknown', reason };
}

const STEPS_MS = [250, 1_000, 2_000, 5_000, 10_000, 30_000];

/** The pause before attempt n + 1, in milliseconds: short while a cashier may still be waiting, at most a minute. */
export const backoff = (attempts: number): number => STEPS_MS[Math.max(0, attempts - 1)] ?? 60_000;

const PROBES_MS = [2_000, 5_000, 15_000, 60_000, 300_000, 1_800_000, 7_200_000, 43_200_000, 86_400_000];

/** When probe number `tries + 1` is due on the schedule, counted from the last send; `null` = the schedule has no such step. */
export const probeDelay = (tries: number): number | null => PROBES_MS[tries] ?? null;

const LONGEST_HELD_MS = 60_000;

/** How long a probe is put off whose provider does not answer anybody, in milliseconds: as long again as its answer is lost, so that many of them ask for less and less; `leastMs` is when the next call may be tried at all. */
export const heldPause = (lostForMs: number, leastMs: number): number =>
  Math.max(leastMs, Math.min(lostForMs, LONGEST_HELD_MS));

/** The least distance of one probe to the next, in milliseconds. */
export const SHORTEST_PAUSE_MS = 1_000;

// The settle time must be over when its probe comes, also where Postgres and this process disagree by a moment.
const CLOCKS_DIFFER_MS = 500;

/** When the next probe is due: on its step of the schedule after the last send, never in the past, one second apart at least. Probes that somebody waited for use up no step: the first one whose time is ahead is kept. `null` = the time of all steps is over, and there was a probe for each. */
export function nextProbe(now: Date, lastSentAt: Date, tries: number): Date | null {
  const lostForMs = now.getTime() - lastSentAt.getTime();
  const ahead = PROBES_MS.findIndex(ms => ms > lostForMs);
  const delay = probeDelay(ahead < 0 ? tries : Math.min(tries, ahead));
  if (delay === null) return null;
  return new Date(
    Math.max(lastSentAt.getTime() + delay + CLOCKS_DIFFER_MS, now.getTime() + SHORTEST_PAUSE_MS),
  );
}
