import { money } from '#canonical';
import { contractSuite } from '#adapter-kit/testing';
import { describe, expect, it } from 'vitest';
import { clientBalance } from './client.js';
import { loyalclient } from './loyalclient.adapter.js';
import { recalcBalance } from './recalc.js';
import { loyalclientSimulator } from './simulator.js';
import { Till, anna, purchase, refusedCode, rub } from './till.testing.js';

contractSuite({
  adapter: loyalclient,
  fixtures: new URL('./fixtures/', import.meta.url),
  simulator: loyalclientSimulator,
  exchanges: [clientBalance, recalcBalance],
});

describe('LoyalClient: look-ups', () => {
  it('search a phone as digits, and with its plus only if no client was found', () => {
    const digits = new Till();
    digits.does('lookupCustomer', { identifier: anna, holds: [] });
    expect(digits.sent).toEqual(['client']);
    const plus = new Till({ phoneSearch: 'plus' });
    expect(plus.does('lookupCustomer', { identifier: anna, holds: [] })).toMatchObject({
      phone: '+79031234567',
    });
    expect(plus.sent).toEqual(['client', 'client']);
  });

  it('get the redeemable points of a receipt by a second call', () => {
    const found = new Till().does('lookupCustomer', {
      identifier: { type: 'code', value: '007007' },
      receipt: { total: rub('1000.00') },
      holds: [],
    });
    expect(found).toMatchObject({ balancePoints: '1250.5', maxRedeemPoints: '300' });
  });

  it('refuse without a request what LoyalClient cannot represent', () => {
    const homeless = new Till({}, { defaultPoint: undefined });
    expect(refusedCode(homeless, () => homeless.does('createPurchase', purchase()))).toEqual([
      'location-unknown',
    ]);
    for (const receipt of [
      { total: rub('100.00'), excludedTotal: rub('10.00') },
      { total: rub('100.00'), unredeemableTotal: rub('10.00') },
    ]) {
      for (const kind of ['createPurchase', 'createQuote', 'lookupCustomer'] as const) {
        const till = new Till();
        const ask = { ...purchase({ receipt }), identifier: anna };
        expect(refusedCode(till, () => till.does(kind, ask))).toEqual(['unsupported-field']);
      }
    }
    const nothing = { total: rub('100.00'), excludedTotal: rub('0.00') };
    new Till().does('createPurchase', purchase({ receipt: nothing }));
    for (const type of ['uid', 'externalId'] as const) {
      const till = new Till();
      const own = purchase({ subject: { identifier: { type, value: '012345' } } });
      expect(refusedCode(till, () => till.does('createPurchase', own))).toEqual(['capability-not-supported']);
    }
    const till = new Till();
    const euros = purchase({ receipt: { total: money('1.00', 'EUR') } });
    expect(refusedCode(till, () => till.does('createPurchase', euros))).toEqual(['validation-failed']);
    const brief = { subject: { identifier: anna }, points: '1', durationSeconds: 1801 };
    expect(refusedCode(till, () => till.does('createHold', brief))).toEqual(['hold-duration-out-of-range']);
  });
});
