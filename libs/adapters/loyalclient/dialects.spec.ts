import { Refusal } from '#canonical';
import type { RefusalMembers } from '#canonical';
import { describe, expect, it } from 'vitest';
import { dialects } from './simulator/dialects.js';
import { usualDialect } from './simulator/dialect.js';
import type { LoyalClientDialect } from './simulator/dialect.js';
import type { LoyalClientOptions } from './simulator.js';
import { Till, anna, annaId, purchase, rub } from './till.testing.js';

const choices = {
  holdRelease: ['own', 'point', 'client'],
  envelope: ['bare', 'errors', 'error', 'sentence', 'success-false'],
  text: ['text', 'list'],
  refusalStatus: [422, 200],
  fractions: ['decimal', 'whole', 'refuse'],
  phoneSearch: ['digits', 'plus', 'any'],
  badKey: [401, 403, 422],
} as const;

/** All combinations of the options that affect refusals. */
const wordings = choices.envelope.flatMap(envelope =>
  choices.text.flatMap(text =>
    choices.refusalStatus.flatMap(refusalStatus =>
      choices.badKey.map(badKey => ({ envelope, text, refusalStatus, badKey })),
    ),
  ),
);

const held = { subject: { identifier: anna }, points: '100', durationSeconds: 600 };
const byId = { refs: { clientId: annaId } };

function refused(till: Till, act: () => unknown): [code: string, members: RefusalMembers] {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return [error.code, error.members];
    throw error;
  }
  throw new Error(`It was not refused: ${till.sent.join(', ')}.`);
}

describe('LoyalClient’s dialects', () => {
  it.each(Object.entries(choices))('cover every choice of %s', (name, values) => {
    const chosen = Object.values(dialects).map(
      one => ({ ...usualDialect, ...one })[name as keyof LoyalClientDialect],
    );
    expect(new Set(chosen)).toEqual(new Set<unknown>(values));
  });
});

describe.each(wordings)('a refusal in %j', wording => {
  const open = (more: LoyalClientOptions = {}) => new Till({ ...wording, ...more });

  it('of a client or a point of sale has the right code', () => {
    const nobody = { identifier: { type: 'phone' as const, value: '+70000000000' }, holds: [] };
    const till = open();
    expect(refused(till, () => till.does('lookupCustomer', nobody))[0]).toBe('customer-not-found');
    const nowhere = purchase({ locationId: 'shop-9' });
    expect(refused(till, () => till.does('createPurchase', nowhere))[0]).toBe('location-unknown');
  });

  it('of the API key is a fault of the connection, even if no client was found', () => {
    const till = open({ apiKey: 'another' });
    const look = { identifier: anna, holds: [] };
    expect(refused(till, () => till.does('lookupCustomer', look))[0]).toBe('connection-credentials-invalid');
    expect(refused(till, () => till.does('createPurchase', purchase()))[0]).toBe(
      'connection-credentials-invalid',
    );
  });

  it('of points contains the maximum', () => {
    const till = open();
    const [code, members] = refused(till, () =>
      till.does('createPurchase', purchase({ redeemPoints: '879' })),
    );
    expect([code, members.maxRedeemPoints]).toEqual(['redeem-limit-exceeded', '878']);
    const [holds, left] = refused(till, () => till.does('createHold', { ...held, points: '879' }));
    expect([holds, left.maxRedeemPoints]).toEqual(['insufficient-points', '878']);
  });

  it('of a fraction never becomes a limit, and changes nothing', () => {
    const till = open({ fractions: 'refuse' });
    const total = { total: rub('100.50') };
    const acts: [string, () => unknown][] = [
      ['/receipt/total', () => till.does('createQuote', { subject: byId, receipt: total, holds: [] })],
      ['/receipt/total', () => till.does('createPurchase', purchase({ receipt: total }))],
      ['/receipt/redeemPoints', () => till.does('createPurchase', purchase({ redeemPoints: '0.5' }))],
      ['/points', () => till.does('createHold', { ...held, points: '0.5' })],
    ];
    for (const [pointer, act] of acts) {
      const [code, { errors, maxRedeemPoints, provider }] = refused(till, act);
      expect([code, maxRedeemPoints]).toEqual(['provider-rejected', undefined]);
      expect(provider?.message).toBe('Only whole amounts are accepted.');
      if (wording.envelope !== 'sentence')
        expect(errors).toEqual([{ pointer, code, detail: 'Only whole amounts are accepted.' }]);
    }
    expect(till.does('createPurchase', purchase({ redeemPoints: '878' }))).toMatchObject({
      redeemedPoints: '878',
    });
  });
});

describe('LoyalClient that rounds', () => {
  const receipt = { total: rub('100.50') };

  it('quotes the rounded sum with a warning', () => {
    const till = new Till({ fractions: 'whole' });
    const quote = till.does('createQuote', { subject: byId, receipt, holds: [] });
    expect(quote).toMatchObject({
      payable: rub('101.00'),
      warnings: [{ code: 'provider-figures-differ', pointer: '/receipt/total' }],
    });
    const booked = till.does('createPurchase', purchase({ receipt }));
    expect(booked).toMatchObject({
      payable: rub('101.00'),
      earnedPoints: '10',
      warnings: [{ code: 'provider-figures-differ' }],
    });
  });

  it('books nothing for a till that expects the unrounded sum, and the quoted sum otherwise', () => {
    const till = new Till({ fractions: 'whole' });
    const expecting = (total: string, expected: string) =>
      purchase({ receipt: { total: rub(total), expectedPayable: rub(expected) } });
    for (const total of ['100.50', '100.40'])
      expect(refused(till, () => till.does('createPurchase', expecting(total, total)))[0]).toBe(
        'amount-mismatch',
      );
    expect(till.sent).not.toContain('retail');
    expect(till.does('createPurchase', expecting('100.40', '100.00'))).toMatchObject({
      payable: rub('100.00'),
    });
  });

  it.each([
    ['earned', '0'],
    ['redeemed', '50'],
  ])('is reconciled after a lost answer by the rounded sum: %s', (_name, redeemPoints) => {
    const till = new Till({ fractions: 'whole' });
    const ask = purchase({ receipt: { ...receipt, redeemPoints } });
    const { payable } = till.does('createPurchase', ask) as { payable: object };
    expect(till.judges(ask)).toMatchObject({ verdict: 'executed', result: { payable } });
  });
});
