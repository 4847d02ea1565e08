import { describe, expect, it } from 'vitest';
import { rub, Till } from './till.testing.js';

describe('a customer in debt', () => {
  const till = new Till();
  till.wire = answer => {
    const { purchase, ...body } = answer.body as { purchase?: object };
    return purchase ? { ...answer, body: { ...body, purchase: { ...purchase, maxPoints: -5 } } } : answer;
  };
  const identifier = { type: 'code', value: '123456' } as const;
  const receipt = { total: rub('1000.00') };

  it('gets a quote with nothing to redeem', () => {
    expect(till.does('createQuote', { subject: { identifier }, receipt, holds: [] })).toMatchObject({
      maxRedeemPoints: '0',
      payable: rub('1000.00'),
      payableIfMaxRedeemed: rub('1000.00'),
    });
  });

  it('is found with nothing to redeem', () => {
    expect(till.does('lookupCustomer', { identifier, receipt, holds: [] })).toMatchObject({
      maxRedeemPoints: '0',
    });
  });
});
