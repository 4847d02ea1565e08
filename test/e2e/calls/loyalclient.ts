import { expect } from 'vitest';
import type { Exercise } from './till.js';

const rub = (amount: string) => ({ amount, currency: 'RUB' });
const client = '62ac00000000000000000002';
const maria = { identifier: { type: 'card', value: '2000000000024' }, locationId: 'shop-3' };
const base = 'POST /integration/general';
const found = (search = '2000000000024') =>
  [`${base}/client`, { search, point: 'shop-3' }] as [string, unknown];

/** The calls of LoyalClient. */
export const loyalclientCalls: Record<number, Exercise> = {
  5: async till => {
    const identifier = { type: 'phone', value: '+79200000002' };
    const told = await till.post('/v1/customers/lookup', { identifier, locationId: 'shop-3' });
    expect(told).toMatchObject({
      status: 200,
      body: {
        displayName: 'МАРИЯ',
        phone: '+79200000002',
        balancePoints: '1250.5',
        providerRefs: { clientId: client },
        tier: { name: 'Старт', kind: 'cashback', rate: '3' },
        email: null,
      },
    });
    await till.sent(found('79200000002'));
  },
  6: async till => {
    const told = await till.post('/v1/quotes', { ...maria, receipt: { total: rub('1000.00') } });
    expect(told).toMatchObject({
      status: 200,
      body: { maxRedeemPoints: '300', earnPoints: '30', payableIfMaxRedeemed: rub('700.00'), rate: '3' },
    });
    await till.sent(found(), [`${base}/recalc`, { client, point: 'shop-3', amount: 1000 }]);
  },
  7: async till => {
    const told = await till.post('/v1/holds', { ...maria, points: '100', durationSeconds: 90 });
    expect(told).toMatchObject({
      status: 201,
      body: { guarantee: 'provider', state: 'active', points: '100', locationId: 'shop-3' },
    });
    // Rounded up to whole minutes.
    await till.sent(found(), [`${base}/bonuses/hold`, { client, point: 'shop-3', amount: 100, duration: 2 }]);
  },
  8: async till => {
    const { body: hold } = await till.post('/v1/holds', { ...maria, points: '100' });
    await till.sent(found(), [
      `${base}/bonuses/hold`,
      { client, point: 'shop-3', amount: 100, duration: 10 },
    ]);
    const told = await till.post(`/v1/holds/${hold.id}/release`, { reason: 'customer left' });
    expect(told).toMatchObject({
      status: 200,
      body: { state: 'released', release: { reason: 'customer left', verified: false } },
    });
    await till.sent([`${base}/bonuses/release`, { id: hold.providerRefs.holdId }]);
  },
  9: async till => {
    const receipt = { total: rub('1000.00'), redeemPoints: '100' };
    const told = await till.post('/v1/purchases', { ...maria, merchantReference: 'order-9', receipt });
    expect(told).toMatchObject({
      status: 201,
      body: { result: { payable: rub('900.00'), redeemedPoints: '100', earnedPoints: '0' } },
    });
    await till.sent(found(), [`${base}/retail`, { client, point: 'shop-3', amount: 1000, spend: 100 }]);
  },
};
