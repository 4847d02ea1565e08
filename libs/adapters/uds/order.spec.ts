import { money } from '#canonical';
import { describe, expect, it } from 'vitest';
import { NONCE, sale, Till } from './till.testing.js';

const yen = (amount: string) => money(amount, 'JPY');
const jpy = { currency: 'JPY' } as const;
const discount = { ...jpy, policy: 'APPLY_DISCOUNT' } as const;

// UDS counts in hundredths, whatever the currency, and refuses sums that do not fit together.
describe('a sale in a currency without decimals', () => {
  it.each([
    ['a discount of 100.10', discount, { total: yen('1001') }, ['100', '901']],
    // The two add up to the total.
    ['half a yen after the discount', discount, { total: yen('1005') }, ['100', '905']],
    ['100.50 points', jpy, { total: yen('1000'), redeemPoints: '100.5' }, ['0', '900']],
  ] as const)('is quoted and booked with %s', (_what, options, receipt, [discounted, payable]) => {
    const till = new Till(options);
    const asked = sale({ ...receipt, expectedPayable: yen(payable) });
    const sums = { discount: yen(discounted), payable: yen(payable), warnings: [] };
    expect(till.does('createQuote', { ...asked, holds: [] })).toMatchObject(sums);
    expect(till.buys(asked)).toMatchObject(sums);
    expect(till.judges(asked, { nonce: NONCE })).toMatchObject({ verdict: 'executed', evidence: 'strong' });
  });

  it('is refused where the till expects another sum', () => {
    const asked = sale({ total: yen('1001'), expectedPayable: yen('900') });
    expect(() => new Till(discount).buys(asked)).toThrow('amount to pay is 901 JPY');
  });
});
