import type { WriteBeside } from '#adapter-kit';
import type { HoldData, PurchaseAsk, PurchaseData } from '#canonical';
import { describe, expect, it } from 'vitest';
import { Till, anna, annaId, purchase, rub } from './till.testing.js';

const byPhone = { identifier: anna };
const byId = { refs: { clientId: annaId } };
const asks = [
  ['spends by phone', purchase({ redeemPoints: '200', subject: byPhone })],
  ['spends by id', purchase({ redeemPoints: '200', subject: byId })],
  ['earns by phone', purchase({ subject: byPhone })],
  ['earns by id', purchase({ subject: byId })],
] as const;

const executed = { verdict: 'executed', evidence: 'weak' };
const absent = { verdict: 'absent', evidence: 'weak' };
const undecided = { verdict: 'inconclusive', final: false };
const unprovable = { verdict: 'inconclusive', final: true };

/** Reads the balance, and books the purchase unless it is lost on the way: then one that moves no points stands for it. */
function selling(till: Till, ask: PurchaseAsk, isBooked: boolean): void {
  const tiny = { total: rub('0.01') };
  till.does('createPurchase', isBooked ? ask : { ...ask, receipt: tiny, locationId: 'shop-2' });
}

describe('LoyalClient: a lost purchase beside one hold of ours', () => {
  /** A client with a hold at a point of sale, which the purchase at `shop-1` ends only there. */
  function holding(locationId: string, points = '300'): { till: Till; hold: HoldData } {
    const till = new Till();
    const hold = till.does('createHold', {
      subject: byId,
      points,
      durationSeconds: 600,
      locationId,
    }) as HoldData;
    till.beside = { hold: { refs: hold.refs, points } };
    return { till, hold };
  }

  it.each(asks)('that stays live over both reads is decided by the rest: it %s', (_name, ask) => {
    for (const isBooked of [true, false]) {
      const { till } = holding('shop-3');
      selling(till, ask, isBooked);
      expect(till.judges(ask)).toMatchObject(isBooked ? executed : absent);
    }
  });

  it.each(asks)('that ends with it, as documented, gave its points back: it %s', (_name, ask) => {
    const { till } = holding('shop-1');
    const { customer: _, rate: _rate, ...result } = till.does('createPurchase', ask) as PurchaseData;
    expect(till.judges(ask)).toMatchObject({ ...executed, result });
  });

  it.each(asks)('that has ended without it leaves it undecided: it %s', (_name, ask) => {
    const { till, hold } = holding('shop-3');
    selling(till, ask, false);
    till.does('releaseHold', { refs: hold.refs });
    expect(till.judges(ask)).toMatchObject(undecided);
    expect(till.judges(ask, true, 60_000)).toMatchObject(unprovable);
  });

  it.each(asks)('and another till’s movement is undecided: it %s', (_name, ask) => {
    for (const isBooked of [true, false]) {
      const { till } = holding('shop-3');
      selling(till, ask, isBooked);
      till.elsewhere(500, 50, { point: 'shop-2' });
      expect(till.judges(ask)).toMatchObject(undecided);
    }
  });

  it.each([
    ['spends', purchase({ redeemPoints: '300' }), '300'],
    ['earns', purchase(), '100'],
  ])('of just its points is undecided, whatever happened: it %s', (_name, ask, points) => {
    for (const [point, isBooked] of [
      ['shop-1', true],
      ['shop-3', true],
      ['shop-3', false],
    ] as const) {
      const { till } = holding(point, points);
      selling(till, ask, isBooked);
      expect(till.judges(ask)).toMatchObject(unprovable);
    }
  });
});

describe('LoyalClient: a lost purchase beside one proven sale of ours', () => {
  const spent = (redeemedPoints: string): WriteBeside => ({
    purchase: { redeemedPoints, earnedPoints: '0' },
  });
  const earned = (earnedPoints: string): WriteBeside => ({ purchase: { redeemedPoints: '0', earnedPoints } });

  it.each(asks)('is decided without its points: it %s', (_name, ask) => {
    for (const isBooked of [true, false]) {
      const till = Object.assign(new Till(), { beside: spent('70') });
      selling(till, ask, isBooked);
      till.elsewhere(500, 70);
      expect(till.judges(ask)).toMatchObject(isBooked ? executed : absent);
    }
  });

  it.each([
    ['spends, and the sale spent', purchase({ redeemPoints: '200' }), 2_000, 200, spent('200')],
    ['spends, and the sale earned', purchase({ redeemPoints: '200' }), 2_000, 0, earned('200')],
    ['earns, and the sale earned', purchase(), 1_000, 0, earned('100')],
    ['earns, and the sale spent', purchase(), 1_000, 100, spent('100')],
  ])('is undecided if both moved as much: it %s', (_name, ask, amount, spend, beside) => {
    for (const isBooked of [true, false]) {
      const till = Object.assign(new Till(), { beside });
      selling(till, ask, isBooked);
      till.elsewhere(amount, spend);
      expect(till.judges(ask)).toMatchObject(unprovable);
    }
  });

  it.each(asks)('is undecided where that sale is not seen yet: it %s', (_name, ask) => {
    const till = Object.assign(new Till(), { beside: spent('70') });
    selling(till, ask, true);
    expect(till.judges(ask)).toMatchObject(undecided);
  });
});
