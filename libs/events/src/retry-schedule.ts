const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long each attempt waits after the previous one, in milliseconds; Standard Webhooks 1.0, §Deliverability. */
export const retrySchedule: readonly number[] = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/**
 * What follows a failed attempt after `attempts` earlier ones: the wait for the next, or the end. A `Retry-After` postpones the
 * next attempt and never brings it forward, because the number of attempts is limited.
 */
export function afterFailure(
  attempts: number,
  schedule: readonly number[],
  retryAfterMs = 0,
): { status: 'pending'; retryInMs: number } | { status: 'dead' } {
  const planned = schedule[attempts + 1];
  return planned === undefined
    ? { status: 'dead' }
    : { status: 'pending', retryInMs: Math.max(planned, retryAfterMs) };
}

/** A subscription without a successful delivery for this long is disabled; longer than any one event is retried (75.6 h). */
export const GIVE_UP_AFTER_MS = 5 * 24 * HOUR;
