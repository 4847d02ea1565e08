import { describe, expect, it } from 'vitest';
import { afterFailure, GIVE_UP_AFTER_MS, retrySchedule } from './retry-schedule.js';

const S = 1_000;
const M = 60 * S;
const H = 60 * M;

describe('the retries of a delivery', () => {
  it('come after 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, and then no more', () => {
    const waits = Array.from({ length: 10 }, (_, attempts) => afterFailure(attempts, retrySchedule));
    expect(waits.slice(0, 9)).toEqual(
      [5 * S, 5 * M, 30 * M, 2 * H, 5 * H, 10 * H, 14 * H, 20 * H, 24 * H].map(retryInMs => ({
        status: 'pending',
        retryInMs,
      })),
    );
    expect(waits[9]).toEqual({ status: 'dead' });
    expect(retrySchedule[0]).toBe(0);
  });

  it('are postponed by Retry-After, and never brought forward', () => {
    expect(afterFailure(0, retrySchedule, 60 * S)).toEqual({ status: 'pending', retryInMs: 60 * S });
    expect(afterFailure(1, retrySchedule, 60 * S)).toEqual({ status: 'pending', retryInMs: 5 * M });
    expect(afterFailure(9, retrySchedule, 60 * S)).toEqual({ status: 'dead' });
  });

  it('end before a subscription is disabled, so that one failing event cannot disable it', () => {
    expect(retrySchedule.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(GIVE_UP_AFTER_MS);
  });
});
