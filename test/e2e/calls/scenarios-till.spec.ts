import { describe, expect, it } from 'vitest';
import type { Supported } from '#adapter-kit';
import type { Purchase } from '#canonical';
import { ScenarioStage, adapterOf, rub, whereCan } from './scenario-stage.js';
import { matchedByReference, writeOnce } from './write-once.js';

const stage = new ScenarioStage();

const sale = (buyer: object, more: object = {}) => ({
  path: '/v1/purchases',
  effect: 'purchase',
  body: {
    identifier: buyer,
    merchantReference: 'order-1',
    receipt: { total: rub('1000.00'), redeemPoints: '100' },
    metadata: { till: '7' },
    ...more,
  },
});
const otherSale = { receipt: { total: rub('999.00') } };

describe.each(await whereCan('createPurchase'))('a purchase at %s (%s)', (provider, dialect) => {
  it('is booked once, found by its reference, and returned as booked', async () => {
    const { till, part } = await stage.enter(provider, 'buyer', dialect);
    const { body } = await writeOnce(till, sale(part), otherSale);
    const { id, result, refunds, ...purchase } = body as Purchase;
    expect(purchase).toMatchObject({
      state: 'succeeded',
      outcome: 'executed',
      connectionId: till.connection.id,
      customerId: expect.stringMatching(/^cus_/),
      merchantReference: 'order-1',
      receipt: { total: rub('1000.00'), redeemPoints: '100' },
      metadata: { till: '7' },
      warnings: [],
    });
    expect(result).toMatchObject({ payable: rub('900.00'), redeemedPoints: '100', discount: rub('0.00') });
    expect(refunds).toMatchObject({ refunded: rub('0.00'), inDoubt: rub('0.00') });
    await matchedByReference(till, sale(part), otherSale);
    expect((await till.get(`/v1/purchases/${id}`)).body).toEqual(body);
    const listed = await till.get('/v1/purchases?merchantReference=order-1');
    expect(listed.body).toEqual({ data: expect.arrayContaining([body]), nextCursor: null });
  });

  it('with another amount than the till’s is refused unsent', async () => {
    const { till, part } = await stage.enter(provider, 'buyer', dialect);
    const receipt = { total: rub('1000.00'), expectedPayable: rub('1.00') };
    const told = await till.post('/v1/purchases', sale(part, { receipt }).body);
    expect(told).toMatchObject({ status: 422, body: { code: 'amount-mismatch', outcome: 'not-executed' } });
    expect(await stage.world.effects(provider)).toEqual([]);
  });

  it('of more points than available is refused, and its reference is free again', async () => {
    const { till, part } = await stage.enter(provider, 'buyer', dialect);
    const receipt = { total: rub('9000000.00'), redeemPoints: '5000000' };
    const told = await till.post('/v1/purchases', sale(part, { receipt }).body);
    expect(told.status).toBe(422);
    expect(['insufficient-points', 'redeem-limit-exceeded']).toContain(told.body.code);
    expect(await stage.world.effects(provider)).toEqual([]);
    expect((await till.post('/v1/purchases', sale(part).body)).status).toBe(201);
  });
});

describe.each(await whereCan('createQuote'))('a quote at %s (%s)', (provider, dialect) => {
  it('reports a result that differs from the till’s amount', async () => {
    const { till, part } = await stage.enter(provider, 'buyer', dialect);
    const receipt = { total: rub('1000.00'), expectedPayable: rub('1.00') };
    expect(await till.post('/v1/quotes', { identifier: part, receipt })).toMatchObject({
      status: 200,
      body: { warnings: [{ code: 'amount-mismatch', pointer: '/receipt/expectedPayable' }] },
    });
  });
});

describe.each(await whereCan('createRefund'))('a refund at %s (%s)', (provider, dialect) => {
  const adapter = adapterOf(provider);
  const { partial } = (adapter.operations.createRefund as Supported<'createRefund'>).traits as {
    partial: boolean;
  };
  const back = (id: string, merchantReference: string, more: object = {}) => ({
    path: `/v1/purchases/${id}/refunds`,
    effect: 'refund',
    body: { merchantReference, reason: 'too cold', ...more },
  });

  it('of the whole is made once, and nothing is left', async () => {
    const { till, part } = await stage.enter(provider, 'buyer', dialect);
    const { body: purchase } = await till.post('/v1/purchases', sale(part).body);
    const wish = back(purchase.id, 'back-1');
    const { body: refund } = await writeOnce(till, wish, { reason: 'too hot' });
    expect(refund).toMatchObject({ purchaseId: purchase.id, amount: rub('1000.00'), reason: 'too cold' });
    await matchedByReference(till, wish, { amount: rub('1.00') });
    expect((await till.get(`/v1/refunds/${refund.id}`)).body).toEqual(refund);
    const more = await till.post(wish.path, back(purchase.id, 'back-2').body);
    expect(more).toMatchObject({ status: 422, body: { code: 'refund-exceeds-purchase' } });
    const { refunds } = (await till.get(`/v1/purchases/${purchase.id}`)).body;
    expect(refunds).toEqual({ refunded: rub('1000.00'), inDoubt: rub('0.00'), refundable: rub('0.00') });
  });

  it.runIf(partial)('of parts never exceeds the purchase', async () => {
    const { till, part } = await stage.enter(provider, 'buyer', dialect);
    const { body: purchase } = await till.post('/v1/purchases', sale(part).body);
    const wish = back(purchase.id, 'back-1', { amount: rub('999.99') });
    await writeOnce(till, wish, { amount: rub('1.00') });
    const more = await till.post(wish.path, back(purchase.id, 'back-2', { amount: rub('0.02') }).body);
    expect(more).toMatchObject({ status: 422, body: { code: 'refund-exceeds-purchase' } });
  });
});

describe.each(await whereCan('createHold'))('a hold at %s (%s)', (provider, dialect) => {
  const hold = (buyer: object) => ({
    path: '/v1/holds',
    effect: 'hold',
    body: { identifier: buyer, points: '100', durationSeconds: 120 },
  });
  const advisory = adapterOf(provider).operations.createHold.support === 'advisory';

  it('is made, seen, and consumed by the purchase that names it', async () => {
    const { till, part } = await stage.enter(provider, 'buyer', dialect);
    const { body: held } = await till.post('/v1/holds', hold(part).body);
    expect(held).toMatchObject({
      guarantee: advisory ? 'advisory' : 'provider',
      state: 'active',
      points: '100',
      customerId: expect.stringMatching(/^cus_/),
      operationId: expect.stringMatching(/^opr_/),
    });
    expect((await till.get(`/v1/holds/${held.id}`)).body).toEqual(held);
    const bought = await till.post('/v1/purchases', sale(part, { holdIds: [held.id] }).body);
    expect(bought.status).toBe(201);
    expect((await till.get(`/v1/holds/${held.id}`)).body.state).toBe('consumed');
    expect(await till.post(`/v1/holds/${held.id}/release`, {})).toMatchObject({
      status: 409,
      body: { code: 'state-conflict' },
    });
  });

  it('is released once, and its points are free again', async () => {
    const { till, part } = await stage.enter(provider, 'buyer', dialect);
    const { body: held } = await till.post('/v1/holds', hold(part).body);
    const told = await till.post(`/v1/holds/${held.id}/release`, { reason: 'left' });
    expect(told).toMatchObject({ status: 200, body: { state: 'released', release: { reason: 'left' } } });
    expect((await till.post('/v1/purchases', sale(part).body)).status).toBe(201);
  });

  it.runIf(!advisory)('is made once', async () => {
    const { till, part } = await stage.enter(provider, 'buyer', dialect);
    await writeOnce(till, hold(part), { points: '1' });
  });
});
