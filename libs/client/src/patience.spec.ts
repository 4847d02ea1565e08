import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Patience, usualRetry } from './patience.js';

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The pauses of a call that is refused for ever, in milliseconds. */
async function pauses(retryAfter?: string): Promise<number[]> {
  const patience = new Patience(usualRetry, 60_000);
  const taken: number[] = [];
  for (;;) {
    const since = performance.now();
    const again = patience.again(retryAfter);
    await vi.runAllTimersAsync();
    if (!(await again)) return taken;
    taken.push(performance.now() - since);
  }
}

it.each([
  ['no Retry-After', undefined, [250, 500, 1_000, 2_000, 4_000]],
  // A gateway that does not know better says the same second each time: a store may be away for longer than six of them.
  ['a short one', '1', [1_000, 1_000, 1_000, 2_000, 4_000]],
  ['a long one', '3', [3_000, 3_000, 3_000, 3_000, 4_000]],
  ['one that cannot be read', 'soon', [250, 500, 1_000, 2_000, 4_000]],
])('pauses grow, and are never shorter than asked: %s', async (_, retryAfter, expected) => {
  expect(await pauses(retryAfter)).toEqual(expected);
});

it('ends at once where the caller does not wait as long as asked', async () => {
  expect(await new Patience(usualRetry, 2_000).again('3')).toBe(false);
});
