import { describe, expect, it } from 'vitest';
import { nextProbe, silencePause } from './probe-schedule.js';

describe('when the next look is due, in seconds after the last send', () => {
  const sentAt = new Date('2026-03-01T10:00:00Z');
  const dueAfter = (seconds: number, looks: number, againMs?: number): number | null => {
    const next = nextProbe(new Date(sentAt.getTime() + seconds * 1_000), { sentAt, tries: looks, againMs });
    return next && (next.getTime() - sentAt.getTime()) / 1_000;
  };

  it('is the next step of the schedule, half a second late', () => {
    expect([2, 5.5, 15.5, 60.5].map((at, nth) => dueAfter(at, nth + 1))).toEqual([5.5, 15.5, 60.5, 300.5]);
    expect(dueAfter(43_200.5, 8)).toBe(86_400.5);
    expect(dueAfter(86_400.5, 9)).toBeNull();
  });

  it('is in a second, while looks are behind their steps', () => {
    expect(dueAfter(600, 2)).toBe(601);
    expect(dueAfter(90_000, 8)).toBe(90_001);
  });

  it('is sooner than the step if the last look asks for it, and never later', () => {
    expect(dueAfter(61, 4, 5_000)).toBe(66);
    expect(dueAfter(61, 4, 0)).toBe(62);
    expect(dueAfter(200, 4, 200_000)).toBe(300.5);
    expect(dueAfter(90_000, 9, 5_000)).toBeNull();
  });

  it('is the first step ahead, however often somebody looked before', () => {
    expect(dueAfter(1, 4)).toBe(2.5);
    for (const looks of [4, 8, 9, 40]) expect(dueAfter(20, looks), `${looks} looks`).toBe(60.5);
    expect(dueAfter(43_201, 40)).toBe(86_400.5);
    expect(dueAfter(86_401, 40)).toBeNull();
  });
});

describe('how long a look is put off whose provider does not answer anybody', () => {
  it('grows with the time for which the answer is lost, to a minute', () => {
    const pauses = [2_000, 10_000, 40_000, 600_000].map(lostForMs => silencePause(lostForMs, 5_000));
    expect(pauses).toEqual([5_000, 10_000, 40_000, 60_000]);
  });
});
