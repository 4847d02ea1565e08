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
    rank: 1,
    until: Infinity,
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

/** A call that ends when it is told to. */
function heldCall() {
  let end!: (made: ExchangeOutcome) => void;
  const call = vi.fn(() => new Promise<ExchangeOutcome>(resolve => (end = resolve)));
  return { call, end: (made: ExchangeOutcome) => end(made) };
}
const NO_SLOT = { kind: 'no-slot', retryAfterMs: 1_000 } as const;
const DONE = { kind: 'done', result: 'settings' } as const;

it('asks anew for a till that finds only a call of a lower class on its way, and shares one of its own', async () => {
  const { cache, sharing } = setUp();
  const [slow, quick] = [heldCall(), heldCall()];
  const report = cache.get('con_1 settings', { ...sharing, rank: 4, call: slow.call });
  const till = cache.get('con_1 settings', { ...sharing, call: quick.call });
  const another = cache.get('con_1 settings', sharing);
  quick.end(DONE);
  expect(await Promise.all([till, another])).toEqual([DONE, DONE]);
  expect(sharing.call).not.toHaveBeenCalled();
  slow.end(NO_SLOT);
  expect(await report).toEqual(DONE);
});

it('asks once more for whoever waits longer than the caller whose call found no turn', async () => {
  const { cache, sharing } = setUp();
  const first = heldCall();
  const hasty = cache.get('con_1 settings', { ...sharing, until: performance.now() + 100, call: first.call });
  const patient = [1, 2].map(() =>
    cache.get('con_1 settings', { ...sharing, until: performance.now() + 9_000 }),
  );
  first.end(NO_SLOT);
  expect(await hasty).toEqual(NO_SLOT);
  expect(await Promise.all(patient)).toMatchObject([{ kind: 'done' }, { kind: 'done' }]);
  expect(sharing.call).toHaveBeenCalledOnce();
});

it('lets nobody wait longer than they can, whoever began the call', async () => {
  const { cache, sharing } = setUp();
  const first = heldCall();
  const patient = cache.get('con_1 settings', { ...sharing, call: first.call });
  const hasty = cache.get('con_1 settings', { ...sharing, until: performance.now() + 100 });
  await vi.advanceTimersByTimeAsync(100);
  expect(await hasty).toMatchObject({ kind: 'unanswered', overdue: true });
  first.end(DONE);
  expect(await patient).toEqual(DONE);
});

it('does not keep an answer that is not worth it', async () => {
  const { made, sharing, ask } = setUp();
  Object.assign(sharing, { keeps: (result: number) => result > 1 });
  for (let times = 0; times < 5; times++) await ask();
  expect(made.calls).toBe(2);
});
