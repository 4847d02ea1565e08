import type { DueDelivery, EndedTry } from '#persistence';
import type { EventCore } from './event-core.js';
import { afterFailure } from './retry-schedule.js';
import type { Verdict } from './verdict.js';

/** What the verdict on an attempt means for its delivery: done, retried later, or given up. */
export function resultOf(
  { settings }: Pick<EventCore, 'settings'>,
  { id, attempts }: Pick<DueDelivery, 'id' | 'attempts'>,
  verdict: Verdict,
): EndedTry {
  const { lastStatus } = verdict;
  if (verdict.kind === 'delivered') return { id, attempts, status: 'delivered', lastStatus };
  const next =
    verdict.kind === 'failed'
      ? afterFailure(attempts, settings.schedule, verdict.retryAfterMs)
      : { status: 'dead' as const };
  return { id, attempts, ...next, lastStatus, lastError: verdict.lastError };
}
