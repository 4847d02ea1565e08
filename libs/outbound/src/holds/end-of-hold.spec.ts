import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { registry } from '#adapters';
import type { OpenConnection } from '../connections/connection.js';
import { endOfHold, longestEnd } from './end-of-hold.js';
import { measuredSkew } from '../calls/connection-health.js';

const shop = (skew: Pick<OpenConnection, 'clockSkewMs' | 'freshSkewMs'>) =>
  ({ adapter: registry['loyalclient']!.adapter, ...skew }) as OpenConnection;

const tenMinutes = 600_000;
const call = fc.record({
  sentAt: fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
  skewMs: fc.integer({ min: -tenMinutes, max: tenMinutes }),
  /** Milliseconds until the provider answers, and until we read it. */
  thereMs: fc.integer({ min: 0, max: 4_000 }),
  backMs: fc.integer({ min: 0, max: 4_000 }),
  minutes: fc.integer({ min: 1, max: 30 }),
});

const headerOf = (clock: number) => new Date(clock).toUTCString();

describe('the end of a hold in our clock', () => {
  it('is never later than at the provider and never much sooner, however far its clock is off', () => {
    fc.assert(
      fc.property(call, ({ sentAt, skewMs, thereMs, backMs, minutes }) => {
        const answeredAt = sentAt + thereMs;
        const until = (Math.floor((answeredAt + skewMs) / 1_000) + minutes * 60) * 1_000;
        const now = new Date(answeredAt + backMs);
        const freshSkewMs = measuredSkew({ now, sentMsAgo: thereMs + backMs }, headerOf(answeredAt + skewMs));
        const connection = shop({ clockSkewMs: 0, freshSkewMs });
        const asked = { sentAt: new Date(sentAt), durationSeconds: minutes * 60 };
        const end = endOfHold(connection, new Date(until), asked).getTime();
        expect(end).toBeLessThanOrEqual(until - skewMs);
        expect(end).toBeGreaterThanOrEqual(until - skewMs - 1_000 - thereMs);
      }),
      { numRuns: 1_000, seed: 5 },
    );
  });

  it('is after the request and never later than what was asked for, whatever clocks were told', () => {
    const clocks = fc.record({
      clockSkewMs: fc.integer({ min: -tenMinutes, max: tenMinutes }),
      freshSkewMs: fc.option(fc.integer({ min: -tenMinutes, max: tenMinutes }), { nil: undefined }),
    });
    fc.assert(
      fc.property(call, clocks, ({ sentAt, skewMs, thereMs, minutes }, skew) => {
        const until = (Math.floor((sentAt + thereMs + skewMs) / 1_000) + minutes * 60) * 1_000;
        const asked = { sentAt: new Date(sentAt), durationSeconds: minutes * 60 };
        const end = endOfHold(shop(skew), new Date(until), asked).getTime();
        expect(end).toBeLessThanOrEqual(until - skewMs);
        expect(end).toBeGreaterThan(sentAt);
      }),
      { numRuns: 1_000, seed: 5 },
    );
  });

  it('uses the skew that was kept, with a margin, where this answer told no time', () => {
    const asked = { sentAt: new Date(1_800_000_000_000), durationSeconds: 600 };
    const until = new Date(1_800_000_600_000);
    expect(endOfHold(shop({ clockSkewMs: 60_000 }), until, asked).getTime()).toBe(1_800_000_538_500);
  });

  it('counts whole minutes where the provider does', () => {
    const sentAt = new Date(0);
    const longest = (durationSeconds: number) =>
      longestEnd(shop({ clockSkewMs: 0 }), { sentAt, durationSeconds }).getTime();
    expect(longest(61)).toBe(120_000);
    expect(longest(60)).toBe(60_000);
  });
});

describe('the provider’s clock', () => {
  const now = new Date('2026-01-15T12:00:00.250Z');
  it.each([
    [undefined],
    [''],
    ['0'],
    ['rubbish'],
    ['2026-01-15T12:00:00Z'],
    ['Thu, 15 Jan 2026 15:00:00 GMT'],
    ['Thu, 99 Foo 2026 12:00:00 GMT'],
  ])('is not told by %s', header => {
    expect(measuredSkew({ now, sentMsAgo: 100 }, header)).toBeUndefined();
  });

  it('is at most a second and the way ahead of what its header says', () => {
    expect(measuredSkew({ now, sentMsAgo: 250 }, 'Thu, 15 Jan 2026 12:10:00 GMT')).toBe(601_000);
    expect(measuredSkew({ now, sentMsAgo: 250 }, 'Thu, 15 Jan 2026 11:50:00 GMT')).toBe(-599_000);
  });
});
