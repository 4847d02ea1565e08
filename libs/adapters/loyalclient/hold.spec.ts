import { readWire } from '#adapter-kit';
import { describe, expect, it } from 'vitest';
import { holdPoints } from './hold.js';
import { LoyalClientSettings } from './settings.js';

const now = new Date('2026-01-15T12:00:00.000Z');
const ask = { clientId: 'c', point: 'p', points: '10', minutes: 5 };
const minutes = (count: number) => new Date(now.getTime() + count * 60_000);

/** The end that is read from an answer, by the clock of its header. */
function endTold(until: number | null, date?: Date): Date {
  const headers: Record<string, string> = date ? { date: date.toUTCString() } : {};
  const body = JSON.stringify({ success: true, held: { id: 'h', until, amount: 10 } });
  const settings = Object.assign(new LoyalClientSettings(), { defaultPoint: 'p' });
  return holdPoints.read(readWire(200, headers, Buffer.from(body)), ask, { settings, now }).until;
}
const unix = (date: Date) => date.getTime() / 1_000;

describe('the end of a hold as LoyalClient tells it', () => {
  it('is what it says, in its own clock, also when it is earlier than asked', () => {
    expect(endTold(unix(minutes(2)), now)).toEqual(minutes(2));
    expect(endTold(unix(minutes(12)), minutes(10))).toEqual(minutes(12));
    expect(endTold(unix(minutes(-8)), minutes(-10))).toEqual(minutes(-8));
  });

  it('is the length that was asked for, in the same clock, where it says nothing', () => {
    expect(endTold(null)).toEqual(minutes(5));
    expect(endTold(null, minutes(10))).toEqual(minutes(15));
    expect(endTold(null, minutes(-10))).toEqual(minutes(-5));
  });

  it('is that as well where it says more than any hold lasts by its clock', () => {
    expect(endTold(unix(minutes(185)), now)).toEqual(minutes(5));
  });

  it('is that as well where it says that the hold was over hours before it began', () => {
    expect(endTold(1_704_045_600, now)).toEqual(minutes(5));
    expect(endTold(1_704_045_600)).toEqual(minutes(5));
    expect(endTold(unix(minutes(-3)), now)).toEqual(minutes(-3));
  });

  it('is left to what is known of the clock where the answer tells none', () => {
    expect(endTold(unix(minutes(45)))).toEqual(minutes(45));
  });

  it('is not measured by a header that is hours off', () => {
    expect(endTold(unix(minutes(5)), minutes(-180))).toEqual(minutes(5));
    expect(endTold(null, minutes(180))).toEqual(minutes(5));
  });
});
