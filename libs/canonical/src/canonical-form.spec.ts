import { describe, expect, it } from 'vitest';
import { canonicalForm } from './canonical-form.js';
import { PurchaseCreate } from './purchase.js';
import { readBody } from './validate.js';

const sale = (amount: string, redeemPoints: string, more: object = {}) =>
  readBody(PurchaseCreate, {
    customerId: 'cus_01h455vb4pex5vsknk084sn02q',
    merchantReference: '10.0',
    receipt: { total: { amount, currency: 'RUB' }, redeemPoints, number: '7.10' },
    ...more,
  });

describe('the canonical form of a body', () => {
  it('normalises sums and points, and leaves texts unchanged', () => {
    const form = canonicalForm(sale('10.0', '5.50', { metadata: { shift: '1.0' } }));
    expect(form).toEqual({
      customerId: 'cus_01h455vb4pex5vsknk084sn02q',
      merchantReference: '10.0',
      receipt: { total: { amount: '10.00', currency: 'RUB' }, redeemPoints: '5.5', number: '7.10' },
      metadata: { shift: '1.0' },
    });
    expect(canonicalForm(sale('10', '5.5', { metadata: { shift: '1.0' } }))).toEqual(form);
  });

  it('differs for different bodies', () => {
    expect(canonicalForm(sale('10.01', '5'))).not.toEqual(canonicalForm(sale('10.00', '5')));
  });

  it('leaves a value without a class unchanged', () => {
    const free = { total: { amount: '10.0', currency: 'RUB' }, list: [1, null, 'x'] };
    expect(canonicalForm(free)).toEqual(free);
  });
});
