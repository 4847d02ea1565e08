import { afterEach, describe, expect, it, vi } from 'vitest';
import { RequestTiming } from './timing.js';

describe('what is left of a wait', () => {
  afterEach(() => vi.useRealTimers());

  it.each([
    [0, 4_000, 4_000],
    [1_200, 4_000, 2_800],
    [3_999, 4_000, 1],
    // 0 would mean that the caller does not wait, and a worker would run the write.
    [9_000, 4_000, 1],
    [9_000, 0, 0],
  ])('%i ms after the request came in, of %i ms: %i', (passed, waitMs, left) => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const timing = new RequestTiming();
    vi.advanceTimersByTime(passed);
    expect(timing.leftOf(waitMs)).toBe(left);
  });
});

describe('Server-Timing', () => {
  it('calls gateway what was neither the lane nor the provider, and never less than nothing', () => {
    const timing = new RequestTiming();
    timing.add('queue', 10);
    timing.add('provider', 50.25);
    timing.add('provider', 0.5);
    expect(timing.header(70)).toBe('gateway;dur=9.3, queue;dur=10.0, provider;dur=50.8');
    expect(timing.header(40)).toBe('gateway;dur=0.0, queue;dur=10.0, provider;dur=50.8');
  });
});
