import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ExchangeOutcome } from '../calls/exchange.js';
import { ReadCache } from './read-cache.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MINUTE = 60_000;

/** A cache of five minutes over a provider whose answers are counted. */
function setUp() {
  const cache = new ReadCache(() => new Date());
  const made = { calls: 0, renewals: 0 };
  const answer = async (): Promise<ExchangeOutcome> => ({ kind: 'done', result: made.calls + made.renewals });
  const sharing = {
    seconds: 300,
    call: vi.fn(() => (made.calls++, answer())),
    renew: vi.fn(() => (made.renewals++, answer())),
  };
  const ask = async (key = 'con_1 settings') =>
    ((await cache.get(key, sharing)) as { result: number }).result;
  return { cache, made, sharing, ask };
}

it('has what is in use anew before its time is over, so that nobody waits for it', async () => {
  const { made, ask } = setUp();
  for (let minute = 0; minute < 60; minute += 6) {
    await ask();
    await vi.advanceTimersByTimeAsync(6 * MINUTE);
  }
  expect(made.calls).toBe(1);
  expect(made.renewals).toBe(13);
  expect(await ask()).toBe(14);
});

it('asks no more for what nobody has used for half an hour', async () => {
  const { made, ask } = setUp();
  await ask();
  await vi.advanceTimersByTimeAsync(24 * 60 * MINUTE);
  expect(made).toEqual({ calls: 1, renewals: 6 });
});

it('asks for whoever waits when it could not be had anew', async () => {
  const { made, sharing, ask } = setUp();
  await ask();
  sharing.renew.mockImplementation(async () => ({ kind: 'no-slot', retryAfterMs: 1_000 }));
  await vi.advanceTimersByTimeAsync(6 * MINUTE);
  await ask();
  expect(made.calls).toBe(2);
});

it('does not renew what proved out of date or was forgotten', async () => {
  const { cache, made, ask } = setUp();
  await ask('con_1 settings');
  await ask('con_2 settings');
  cache.outdate('con_1 settings');
  cache.forget('con_2');
  await vi.advanceTimersByTimeAsync(6 * MINUTE);
  expect(made.renewals).toBe(0);
});

it('keeps nothing of a call that began before its answer proved out of date', async () => {
  const { cache, sharing, ask } = setUp();
  let answer!: (made: ExchangeOutcome) => void;
  sharing.call.mockImplementationOnce(() => new Promise(resolve => (answer = resolve)));
  const old = ask();
  cache.outdate('con_1 settings');
  expect(await ask()).toBe(1);
  answer({ kind: 'done', result: 'old' });
  expect(await old).toBe('old');
  expect(await ask()).toBe(1);
});
