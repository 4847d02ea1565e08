import { Unanswered, Unreadable, readWire } from '#adapter-kit';
import { Refusal } from '#canonical';
import { describe, expect, it } from 'vitest';
import { createHold, holdPoints, releaseHold, releasePoints } from './hold.js';
import { LoyalClientSettings } from './settings.js';

const now = new Date('2026-01-15T12:00:00.000Z');
const ask = { clientId: 'c', point: 'p', points: '10', minutes: 5 };
const minutes = (count: number) => new Date(now.getTime() + count * 60_000);

/** The end of a hold as read from an answer, by the clock of its header. */
function endTold(until: number | null, date?: Date): Date {
  const headers: Record<string, string> = date ? { date: date.toUTCString() } : {};
  const body = JSON.stringify({ success: true, held: { id: 'h', until, amount: 10 } });
  const settings = Object.assign(new LoyalClientSettings(), { defaultPoint: 'p' });
  return holdPoints.read(readWire(200, headers, Buffer.from(body)), ask, { settings, now }).until;
}
const unix = (date: Date) => date.getTime() / 1_000;

describe('the end of a hold at LoyalClient', () => {
  it('is its `until`, by its own clock, even if earlier than requested', () => {
    expect(endTold(unix(minutes(2)), now)).toEqual(minutes(2));
    expect(endTold(unix(minutes(12)), minutes(10))).toEqual(minutes(12));
    expect(endTold(unix(minutes(-8)), minutes(-10))).toEqual(minutes(-8));
  });

  it('is the requested duration, by the same clock, if there is no `until`', () => {
    expect(endTold(null)).toEqual(minutes(5));
    expect(endTold(null, minutes(10))).toEqual(minutes(15));
    expect(endTold(null, minutes(-10))).toEqual(minutes(-5));
  });

  it('is the requested duration if `until` is later than any hold lasts', () => {
    expect(endTold(unix(minutes(185)), now)).toEqual(minutes(5));
    // Without a date, for example Moscow’s local time.
    expect(endTold(unix(minutes(185)))).toEqual(minutes(5));
  });

  it('is the requested duration if `until` is hours before the hold began', () => {
    expect(endTold(1_704_045_600, now)).toEqual(minutes(5));
    expect(endTold(1_704_045_600)).toEqual(minutes(5));
    expect(endTold(unix(minutes(-3)), now)).toEqual(minutes(-3));
  });

  it('is taken unchanged if the answer has no date', () => {
    expect(endTold(unix(minutes(45)))).toEqual(minutes(45));
  });

  it('ignores a date header that is hours off', () => {
    expect(endTold(unix(minutes(5)), minutes(-180))).toEqual(minutes(5));
    expect(endTold(null, minutes(180))).toEqual(minutes(5));
  });
});

describe('a hold that LoyalClient refuses', () => {
  const settings = Object.assign(new LoyalClientSettings(), { defaultPoint: 'p' });
  const refused = new Refusal('insufficient-points', { provider: { name: 'loyalclient', status: 422 } });
  const asked = (points: string, balance: string) => {
    const subject = { identifier: { type: 'code', value: '123456' } } as const;
    const plan = createHold.run({ subject, points, durationSeconds: 60 }, { settings, now });
    plan.next();
    plan.next({ clientId: 'c', providerRefs: { clientId: 'c' }, kind: 'cashback', balance });
    return plan;
  };

  it('is not told so where its points are missing: it came twice', () => {
    const plan = asked('50', '60');
    expect(plan.throw(refused).value).toMatchObject({
      exchange: { name: 'client-balance-after' },
      ask: { point: 'p', holds: [] },
    });
    expect(() => plan.next({ clientId: 'c', balance: '10' })).toThrow(Unanswered);
  });

  it('is told so where they are not, and without a look where there were not enough', () => {
    const plan = asked('50', '60');
    plan.throw(refused);
    expect(() => plan.next({ clientId: 'c', balance: '40' })).toThrow(refused);
    expect(() => asked('61', '60').throw(refused)).toThrow(refused);
  });

  it('is told so for a client that is known by id, whose balance was not read', () => {
    const ask = { subject: { refs: { clientId: 'c' } }, points: '50', durationSeconds: 60 };
    const plan = createHold.run(ask, { settings, now });
    plan.next();
    expect(() => plan.throw(refused)).toThrow(refused);
  });
});

describe('the release of a hold', () => {
  const released = (body: unknown) => () =>
    releasePoints.read(readWire(200, {}, Buffer.from(JSON.stringify(body))), { holdId: 'h' }, {} as never);

  it.each([
    { success: true },
    { success: true, error: null },
    {},
    [],
    { data: { success: 1 } },
    { error: 0 },
  ])('is acknowledged by %j', body => expect(released(body)()).toEqual({ verified: false }));

  it.each([
    { error: 'no access' },
    { error: true },
    { errors: { id: ['bad'] } },
    { data: { error: 'no access' } },
  ])('is not acknowledged by %j', body => expect(released(body)).toThrow(Unreadable));

  it('that LoyalClient no longer knows is the same success; any other refusal, or bug of ours, is not', () => {
    const releasing = () => {
      const plan = releaseHold.run({ refs: { holdId: 'h' } }, {} as never);
      plan.next();
      return plan;
    };
    const refused = (code: string) =>
      new Refusal('provider-rejected', { provider: { name: 'loyalclient', status: 422, code } });
    expect(releasing().throw(refused('hold'))).toMatchObject({ done: true, value: { verified: false } });
    for (const error of [refused('point'), new TypeError('x is not a function')])
      expect(() => releasing().throw(error)).toThrow(error);
  });
});
