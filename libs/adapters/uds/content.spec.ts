import { readWire, Unanswered } from '#adapter-kit';
import { describe, expect, it } from 'vitest';
import { udsRefusal } from './refusals.js';
import { rub, sale, Till } from './till.testing.js';

const enveloped = (more: object = {}) => {
  const till = new Till();
  till.wire = ({ body, ...answer }) => ({
    ...answer,
    body: answer.status < 300 ? { ...more, data: body } : body,
  });
  return till;
};

describe('an answer of UDS in an envelope', () => {
  it.each([{}, { success: true }])('is read like one without, with %j', more => {
    const till = enveloped(more);
    const identifier = { type: 'code', value: '123456' } as const;
    const receipt = { total: rub('1000.00') };
    expect(till.does('lookupCustomer', { identifier, receipt, holds: [] })).toMatchObject({
      balancePoints: '928.5',
      maxRedeemPoints: '700',
    });
    expect(till.does('createQuote', { subject: { identifier }, receipt, holds: [] })).toMatchObject({
      payable: rub('1000.00'),
    });
    expect(till.does('listCustomers', { limit: 5 }).data).not.toEqual([]);
    const { providerOperationId } = till.buys(sale({ redeemPoints: '240' }));
    expect(till.judges(sale({ redeemPoints: '240' }), { repeats: 1 })).toMatchObject({
      verdict: 'executed',
      result: { providerOperationId },
    });
    const refund = {
      providerOperationId: providerOperationId!,
      amount: rub('250.00'),
      full: false,
      total: rub('1000.00'),
    };
    expect(till.does('createRefund', refund)).toMatchObject({
      returnedMoney: rub('190.00'),
    });
  });

  it('proves nothing if it says that it failed', () => {
    const till = enveloped();
    till.buys(sale());
    till.wire = ({ body, ...answer }, { method }) => ({
      ...answer,
      body: method === 'POST' ? { success: false, data: body } : body,
    });
    expect(() => till.buys(sale({ subject: { identifier: { type: 'code', value: '111111' } } }))).toThrow(
      Unanswered,
    );
  });

  it('is no refusal if it contains an operation', () => {
    const body = { errorCode: 'insufficientFunds', data: { id: 803998923, total: 1000 } };
    expect(udsRefusal(readWire(200, {}, Buffer.from(JSON.stringify(body))))).toBeUndefined();
  });
});
