import { Unanswered } from '#adapter-kit';
import { describe, expect, it } from 'vitest';
import { rub, sale, Till } from './till.testing.js';

const stranger = { identifier: { type: 'phone', value: '+79995550000' } } as const;

it('a phone that UDS knows is no stranger', () => {
  const subject = { identifier: { type: 'phone', value: '+79990000001' } } as const;
  const ask = { subject, receipt: { total: rub('1000.00') }, holds: [] };
  expect(new Till().does('createQuote', ask)).toMatchObject({ rate: '10', customer: { member: true } });
});

describe('an unregistered phone whose bill comes without a user', () => {
  const tillOf = (policy: 'CHARGE_SCORES' | 'APPLY_DISCOUNT', user: null | undefined): Till => {
    const till = new Till({ policy });
    till.wire = (answer, { path }) =>
      path === '/operations/calc' ? { ...answer, body: { ...(answer.body as object), user } } : answer;
    return till;
  };

  it.each([null, undefined])('is quoted all the same, %s', user => {
    const ask = { subject: stranger, receipt: { total: rub('1000.00') }, holds: [] };
    expect(tillOf('CHARGE_SCORES', user).does('createQuote', ask)).toMatchObject({
      payable: rub('1000.00'),
      earnPoints: '50',
      maxRedeemPoints: '0',
      customer: undefined,
    });
  });

  it('is not priced by an answer without a bill', () => {
    const till = new Till({ policy: 'APPLY_DISCOUNT' });
    till.wire = (answer, { path }) => (path === '/operations/calc' ? { ...answer, body: {} } : answer);
    expect(() => till.buys(sale({ subject: stranger }))).toThrow(Unanswered);
    expect(till.sent).not.toContain('POST /operations');
  });

  it('is priced by the base tier where UDS has no calc: the excluded part has no discount', () => {
    const till = new Till({ policy: 'APPLY_DISCOUNT' });
    till.wire = (answer, { path }) =>
      path === '/operations/calc' ? { status: 404, body: { errorCode: 'notFound' } } : answer;
    const ask = sale({ subject: stranger, excludedTotal: rub('400.00') });
    expect(till.buys(ask)).toMatchObject({ payable: rub('970.00') });
  });

  it.each([null, undefined])('buys with the discount that the bill shows, %s', user => {
    expect(tillOf('APPLY_DISCOUNT', user).buys(sale({ subject: stranger }))).toMatchObject({
      payable: rub('950.00'),
      discount: rub('50.00'),
    });
  });
});
