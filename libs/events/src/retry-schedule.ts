const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long each try of a delivery waits after the one before, in milliseconds; Standard Webhooks 1.0, §Deliverability. */
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
 * What follows when the try after `attempts` earlier ones failed: the wait for the next one, or the end. A receiver that asks
 * for rest (`restMs`) is never tried sooner; tries are few, so it is not tried earlier than planned either.
 */
export function afterFailure(
  attempts: number,
  schedule: readonly number[] = retrySchedule,
  restMs = 0,
): { status: 'pending'; retryInMs: number } | { status: 'dead' } {
  const planned = schedule[attempts + 1];
  return planned === undefined
    ? { status: 'dead' }
    : { status: 'pending', retryInMs: Math.max(planned, restMs) };
}

/** A subscription that nothing has reached for so long is taken out of service: longer than any one event is tried (75.6 h). */
export const GIVE_UP_AFTER_MS = 5 * 24 * HOUR;
