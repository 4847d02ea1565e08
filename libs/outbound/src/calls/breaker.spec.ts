import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Breakers, LaneBreaker } from './breaker.js';
import type { ExchangeOutcome } from './exchange.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const silence = { kind: 'unanswered', reason: 'silence' } as const;
const refusal = { kind: 'throttled', retryAfterMs: 1_000 } as const;

it('lets looks begin as they come while the provider answers now and then', () => {
  const breaker = new LaneBreaker();
  for (const made of [silence, silence, refusal, silence, silence]) breaker.note(made);
  expect([breaker.beginLookMs(), breaker.beginLookMs()]).toEqual([0, 0]);
});

it('lets one look at a time try a provider that was silent three times, and stays closed for tills', () => {
  const breaker = new LaneBreaker();
  for (let call = 0; call < 3; call++) breaker.note(silence);
  expect([breaker.beginLookMs(), breaker.beginLookMs()]).toEqual([0, 5_000]);
  vi.advanceTimersByTime(4_000);
  expect(breaker.beginLookMs()).toBe(1_000);
  vi.advanceTimersByTime(1_000);
  expect([breaker.beginLookMs(), breaker.beginLookMs()]).toEqual([0, 5_000]);
  expect(breaker.isOpen()).toBe(false);
});

it('says once that the provider answers again, and lets all looks begin', () => {
  const breaker = new LaneBreaker();
  const told = [silence, silence, silence, silence, refusal, refusal].map(made => breaker.note(made));
  expect(told).toEqual([false, false, false, false, true, false]);
  expect([breaker.beginLookMs(), breaker.beginLookMs()]).toEqual([0, 0]);
});

it('opens for a provider that is silent, and not for one that answers more than is read', async () => {
  const opensAfter = async (made: ExchangeOutcome) => {
    const breaker = new LaneBreaker();
    for (let call = 0; call < 30; call++) breaker.note(made);
    await vi.advanceTimersByTimeAsync(0);
    return breaker.isOpen();
  };
  expect(await opensAfter(silence)).toBe(true);
  expect(await opensAfter({ kind: 'unanswered', reason: 'a flood', tooLarge: true })).toBe(false);
});

describe('calls that their callers cut short', () => {
  const cutShort = (breaker: LaneBreaker, seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      breaker.note(silence, true);
      vi.advanceTimersByTime(1_000);
    }
  };

  it('do not open the circuit of a provider that answers others', async () => {
    const breaker = new LaneBreaker();
    for (let round = 0; round < 10; round++) {
      cutShort(breaker, 9);
      breaker.note(refusal);
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(breaker.state).toBe('closed');
  });

  it('open it where nobody has had an answer for ten seconds', async () => {
    const breaker = new LaneBreaker();
    cutShort(breaker, 29);
    await vi.advanceTimersByTimeAsync(0);
    expect(breaker.state).toBe('closed');
    cutShort(breaker, 1);
    await vi.advanceTimersByTimeAsync(0);
    expect(breaker.state).toBe('open');
  });
});

describe('an open circuit whose time is over', () => {
  const due = async () => {
    const breaker = new LaneBreaker();
    for (let call = 0; call < 20; call++) breaker.note(silence);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(breaker.isOpen()).toBe(false);
    breaker.begin({});
    return breaker;
  };

  it('lets one call try, and turns the others away until that one has ended', async () => {
    const breaker = await due();
    expect([breaker.openForMs(), breaker.state]).toEqual([3_000, 'half-open']);
    breaker.note(refusal);
    await vi.advanceTimersByTimeAsync(0);
    expect([breaker.openForMs(), breaker.state]).toEqual([0, 'closed']);
  });

  it('closes with its answer, although the host’s clock was set back meanwhile', async () => {
    const breaker = await due();
    vi.setSystemTime(Date.now() - 3_600_000);
    breaker.note(refusal);
    await vi.advanceTimersByTimeAsync(0);
    expect([breaker.openForMs(), breaker.state]).toEqual([0, 'closed']);
  });

  it('is open for as long again after its silence, although the host’s clock was set back meanwhile', async () => {
    const breaker = await due();
    vi.setSystemTime(Date.now() - 3_600_000);
    breaker.note(silence);
    await vi.advanceTimersByTimeAsync(0);
    expect(breaker.openForMs()).toBe(5_000);
  });

  it('stays open when that one met silence', async () => {
    const breaker = await due();
    await vi.advanceTimersByTimeAsync(2_000);
    breaker.note(silence);
    await vi.advanceTimersByTimeAsync(0);
    expect(breaker.openForMs()).toBe(5_000);
  });

  it('lets the next one try when that one takes long', async () => {
    const breaker = await due();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(breaker.isOpen()).toBe(false);
  });
});

it('keeps what it knows of a lane that is called, however many others come', () => {
  const breakers = new Breakers();
  const busy = breakers.of('busy');
  for (let lane = 0; lane < 20_000; lane++) {
    breakers.of(`lane ${lane}`);
    if (lane % 1_000 === 0) breakers.of('busy');
  }
  expect(breakers.of('busy')).toBe(busy);
});
