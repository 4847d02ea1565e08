import type { DueDelivery, EndedAttempt } from '#persistence';
import type { EventCore } from './event-core.js';
import { afterFailure } from './retry-schedule.js';
import type { AttemptResult } from './attempt-result.js';

/** What the result of an attempt means for its delivery: done, retried later, or given up. */
export function endingOf(
  { settings }: Pick<EventCore, 'settings'>,
  { id, attempts }: Pick<DueDelivery, 'id' | 'attempts'>,
  result: AttemptResult,
): EndedAttempt {
  const { lastStatus } = result;
  if (result.kind === 'delivered') return { id, attempts, status: 'delivered', lastStatus };
  const next =
    result.kind === 'failed'
      ? afterFailure(attempts, settings.schedule, result.retryAfterMs)
      : { status: 'dead' as const };
  return { id, attempts, ...next, lastStatus, lastError: result.lastError };
}
