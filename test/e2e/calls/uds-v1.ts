import { expect } from 'vitest';
import type { Exercise } from './till.js';

const operation = (more: object) => ({
  customer: { id: 1099576113739 },
  marketingSettings: { discountBase: 5, discountLevel1: 5, maxScoresDiscount: 50 },
  ...more,
});

/** The calls of the v1 façade, at the current UDS API. */
export const udsV1Calls: Record<number, Exercise> = {
  56: async till => {
    const old = await till.old();
    expect(await old.get('company')).toMatchObject({
      status: 200,
      body: {
        id: 549755813888,
        name: 'Кофейня «Ромашка»',
        promoCode: 'romashka',
        baseDiscountPolicy: 'CHARGE_SCORES',
        purchaseByPhone: true,
        marketingSettings: { discountBase: 5, discountLevel3: 1 },
      },
    });
    await till.sent(['GET /settings']);
  },
  57: async till => {
    const old = await till.old();
    expect(await old.get('customer?code=123456&customerId=null&phone=null&uid=null')).toMatchObject({
      status: 200,
      body: {
        name: 'Анна',
        surname: 'Смирнова',
        level: 'Золото',
        discountRate: 10,
        scores: 928.5,
        vip: false,
      },
    });
    await till.sent(['GET /settings'], ['GET /customers/find?code=123456']);
  },
  58: async till => {
    const old = await till.old();
    const query = 'code=123456&total=100&cash=60&scores=40&cashierExternalId=11112&invoiceNumber=77';
    expect(await old.buy(query)).toMatchObject({
      status: 200,
      body: { operation: operation({ id: 803998923, total: 100, cash: 60, scoresDelta: -34 }) },
    });
    await till.sent(
      ['GET /settings'],
      [
        'POST /operations',
        {
          code: '123456',
          nonce: expect.any(String),
          cashier: { externalId: '11112' },
          receipt: { total: 100, cash: 60, points: 40, number: '77' },
        },
      ],
    );
  },
  59: async till => {
    const old = await till.old();
    await old.buy('code=123456&total=100&cash=100&scores=0&invoiceNumber=78');
    await till.sent(['GET /settings'], ['POST /operations', expect.anything()]);
    expect(await old.post('revert/803998923', { body: 'partialAmount=5' })).toMatchObject({
      status: 200,
      body: operation({ id: 803998924, total: -5, cash: -5, scoresDelta: -0.5 }),
    });
    await till.sent(['POST /operations/803998923/refund', { partialAmount: 5 }]);
  },
};
