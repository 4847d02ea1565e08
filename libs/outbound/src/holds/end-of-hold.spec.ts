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
        const longest = longestEnd(connection, new Date(sentAt), 1_800);
        const end = endOfHold(connection, new Date(until), longest).getTime();
        expect(end).toBeLessThanOrEqual(until - skewMs);
        expect(end).toBeGreaterThanOrEqual(until - skewMs - 1_000 - thereMs);
      }),
      { numRuns: 1_000, seed: 5 },
    );
  });

  it('is never later than what was asked for where no clock was told', () => {
    fc.assert(
      fc.property(call, ({ sentAt, skewMs, thereMs, minutes }) => {
        const until = (Math.floor((sentAt + thereMs + skewMs) / 1_000) + minutes * 60) * 1_000;
        const connection = shop({ clockSkewMs: 0 });
        const longest = longestEnd(connection, new Date(sentAt), minutes * 60);
        const end = endOfHold(connection, new Date(until), longest).getTime();
        expect(end).toBeLessThanOrEqual(until - skewMs);
        expect(end).toBeLessThanOrEqual(until);
      }),
      { numRuns: 1_000, seed: 5 },
    );
  });

  it('uses the skew that was kept, with a margin, where this answer told no time', () => {
    const until = new Date(1_800_000_600_000);
    const longest = new Date(1_900_000_000_000);
    expect(endOfHold(shop({ clockSkewMs: 60_000 }), until, longest).getTime()).toBe(1_800_000_538_500);
  });

  it('counts whole minutes where the provider does', () => {
    const sentAt = new Date(0);
    expect(longestEnd(shop({ clockSkewMs: 0 }), sentAt, 61).getTime()).toBe(120_000);
    expect(longestEnd(shop({ clockSkewMs: 0 }), sentAt, 60).getTime()).toBe(60_000);
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
