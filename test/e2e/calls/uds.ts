import { expect } from 'vitest';
import type { Exercise } from './till.js';

const rub = (amount: string) => ({ amount, currency: 'RUB' });
const code = { type: 'code', value: '123456' };
const sale = { identifier: code, merchantReference: 'order-7', receipt: { total: rub('1000.00') } };
const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);

/** The calls of UDS. */
export const udsCalls: Record<number, Exercise> = {
  1: async till => {
    expect(await till.get('/v1/program')).toMatchObject({
      status: 200,
      body: {
        name: 'Кофейня «Ромашка»',
        currency: 'RUB',
        policy: 'redeem-points',
        baseTier: { name: 'Новичок', kind: 'cashback', rate: '5', maxRedeemPercent: '50' },
        referralRates: ['5', '3', '1'],
        joinCode: 'romashka',
        purchaseByPhone: true,
      },
    });
    await till.sent(['GET /settings']);
    const raw = await till.get('/v1/x/uds/settings');
    expect(raw).toMatchObject({ status: 200, body: { promoCode: 'romashka', slug: 'romashka' } });
    await till.sent(['GET /settings']);
  },
  2: async till => {
    const found = await till.post('/v1/customers/lookup', {
      identifier: { type: 'phone', value: '+79990000001' },
      receipt: { total: rub('1000.00') },
    });
    expect(found).toMatchObject({
      status: 200,
      body: { displayName: 'Анна Смирнова', balancePoints: '928.5', maxRedeemPoints: '700', member: true },
    });
    // The plus of a phone is encoded as %2B; the total is a number.
    await till.sent(['GET /settings'], ['GET /customers/find?phone=%2B79990000001&total=1000']);
    const quote = await till.post('/v1/quotes', {
      identifier: { type: 'code', value: '000123' },
      receipt: { total: rub('100.00') },
    });
    expect(quote).toMatchObject({ status: 200, body: { maxRedeemPoints: '50', payable: rub('100.00') } });
    await till.sent(['GET /customers/find?code=000123&total=100']);
  },
  3: async till => {
    const receipt = { ...sale.receipt, redeemPoints: '100' };
    const bought = await till.post('/v1/purchases', { ...sale, receipt, cashier: { externalId: 'till-7' } });
    expect(bought).toMatchObject({
      status: 201,
      body: {
        state: 'succeeded',
        outcome: 'executed',
        result: { payable: rub('900.00'), redeemedPoints: '100', providerOperationId: '803998923' },
      },
    });
    await till.sent(
      ['GET /settings'],
      [
        'POST /operations',
        {
          code: '123456',
          nonce: uuid,
          cashier: { externalId: 'till-7' },
          receipt: { total: 1000, cash: 900, points: 100, number: 'order-7' },
        },
      ],
    );
  },
  4: async till => {
    const { body: purchase } = await till.post('/v1/purchases', sale);
    await till.sent(['GET /settings'], ['POST /operations', expect.anything()]);
    const refunds = `/v1/purchases/${purchase.id}/refunds`;
    const part = await till.post(refunds, { merchantReference: 'back-1', amount: rub('400.00') });
    expect(part).toMatchObject({
      status: 201,
      body: { amount: rub('400.00'), returnedMoney: rub('400.00'), providerOperationId: '803998924' },
    });
    await till.sent(['POST /operations/803998923/refund', { partialAmount: 400 }]);
    // The rest after a partial refund is sent with its amount; a full refund has no amount.
    const rest = await till.post(refunds, { merchantReference: 'back-2' });
    expect(rest).toMatchObject({ status: 201, body: { amount: rub('600.00') } });
    await till.sent(['POST /operations/803998923/refund', { partialAmount: 600 }]);
    const { body: another } = await till.post('/v1/purchases', { ...sale, merchantReference: 'order-8' });
    const whole = await till.post(`/v1/purchases/${another.id}/refunds`, { merchantReference: 'back-3' });
    expect(whole).toMatchObject({ status: 201, body: { amount: rub('1000.00') } });
    await till.sent(['POST /operations', expect.anything()], ['POST /operations/803998926/refund', {}]);
  },
};
