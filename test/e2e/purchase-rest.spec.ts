import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bodyExamples } from '#canonical';
import type { OpenConnection } from '#outbound';
import type { TestGateway } from '../support/gateway.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

const rub = (amount: string) => ({ amount, currency: 'RUB' });

describe('a sale over REST, from look-up to refund', () => {
  let stack: Stack;
  let world: World;
  let gateway: TestGateway;
  let uds: OpenConnection;

  beforeAll(async () => {
    stack = await startStack({ workers: true });
    ({ world, gateway } = stack);
    uds = await world.connect('uds');
  });
  afterAll(() => stack.close());
  beforeEach(() => world.control('reset', { provider: 'uds' }));

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    gateway.ask({
      method: 'POST',
      path,
      body,
      headers: {
        'gateway-connection': uds.id,
        'idempotency-key': randomUUID(),
        prefer: 'wait=25',
        ...headers,
      },
    });
  const sale = (reference: string, receipt: object = {}) => ({
    identifier: { type: 'code', value: '123456' },
    merchantReference: reference,
    receipt: { total: rub('1000.00'), ...receipt },
  });

  it('behaves as the examples of the OpenAPI document', async () => {
    const { LookupRequest, QuoteCreate, PurchaseCreate } = bodyExamples;
    for (const { value } of Object.values(LookupRequest))
      expect((await post('/v1/customers/lookup', value)).status).toBe(200);
    const { ConnectionPatch, ConnectionCredentials, SubscriptionCreate } = bodyExamples;
    const path = `/v1/connections/${uds.id}`;
    const named = await gateway.ask({ method: 'PATCH', path, body: ConnectionPatch.name.value });
    expect(named).toMatchObject({ status: 200, body: ConnectionPatch.name.value });
    expect((await post(`${path}/credentials`, ConnectionCredentials.uds.value)).status).toBe(200);
    expect((await post('/v1/subscriptions', SubscriptionCreate.queue.value)).status).toBe(201);
    expect((await post('/v1/quotes', QuoteCreate.byPhone.value)).status).toBe(200);
    for (const { value } of Object.values(PurchaseCreate))
      expect((await post('/v1/purchases', value)).status).toBe(201);
  });

  it('judges the receipt of a look-up as that of a quote, and finds the customer of an empty one', async () => {
    const identifier = { type: 'code', value: '123456' };
    const dollars = { total: rub('1000.00'), excludedTotal: { amount: '100.00', currency: 'USD' } };
    expect(await post('/v1/customers/lookup', { identifier, receipt: dollars })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/receipt/excludedTotal/currency' }] },
    });
    const loyalClient = await world.connect('loyalclient');
    const card = { identifier: { type: 'phone', value: '+79031234567' }, receipt: { total: rub('0.00') } };
    const found = await post('/v1/customers/lookup', card, { 'gateway-connection': loyalClient.id });
    expect(found).toMatchObject({ status: 200, body: { maxRedeemPoints: '0' } });
  });

  it('quotes, books, reads and refunds in two parts, never more than was sold', async () => {
    const quote = await post('/v1/quotes', {
      identifier: { type: 'code', value: '123456' },
      receipt: { total: rub('1000.00') },
    });
    expect(quote).toMatchObject({ status: 200, body: { basis: 'provider', tierKind: 'cashback' } });
    const booked = await post('/v1/purchases', sale('rest-1', { redeemPoints: '100' }));
    expect(booked).toMatchObject({
      status: 201,
      body: { state: 'succeeded', result: { payable: rub('900.00'), redeemedPoints: '100' } },
    });
    expect(booked.headers.location).toBe(`/v1/purchases/${booked.body.id}`);
    expect(booked.headers['server-timing']).toMatch(/gateway;dur=.*queue;dur=.*provider;dur=/);

    const part = await post(`/v1/purchases/${booked.body.id}/refunds`, {
      amount: rub('400.00'),
      merchantReference: 'rest-1-a',
    });
    expect(part).toMatchObject({ status: 201, body: { amount: rub('400.00'), state: 'succeeded' } });
    const tooMuch = await post(`/v1/purchases/${booked.body.id}/refunds`, {
      amount: rub('600.01'),
      merchantReference: 'rest-1-b',
    });
    expect(tooMuch).toMatchObject({ status: 422, body: { code: 'refund-exceeds-purchase' } });
    const rest = await post(`/v1/purchases/${booked.body.id}/refunds`, { merchantReference: 'rest-1-c' });
    expect(rest).toMatchObject({ status: 201, body: { amount: rub('600.00') } });

    const read = await gateway.ask({ path: `/v1/purchases/${booked.body.id}` });
    expect(read.body.refunds).toEqual({
      refunded: rub('1000.00'),
      inDoubt: rub('0.00'),
      refundable: rub('0.00'),
    });
    const effects = await world.effects('uds');
    expect(effects.map(effect => effect.type)).toEqual(['purchase', 'refund', 'refund']);
  });

  it('returns both restored and revoked points of a full refund', async () => {
    const booked = await post('/v1/purchases', sale('rest-1-full', { redeemPoints: '100' }));
    const { redeemedPoints, earnedPoints } = booked.body.result;
    const refund = await post(`/v1/purchases/${booked.body.id}/refunds`, {
      merchantReference: 'rest-1-full-r',
    });
    expect(refund).toMatchObject({
      status: 201,
      body: { amount: rub('1000.00'), returnedPoints: redeemedPoints, reversedEarnedPoints: earnedPoints },
    });
  });

  it('gives the existing purchase, 200, for the same content under a new key, and 409 for other content', async () => {
    const first = await post('/v1/purchases', sale('rest-2'));
    const again = await post('/v1/purchases', sale('rest-2'));
    expect(again).toMatchObject({ status: 200, body: { id: first.body.id } });
    const other = await post('/v1/purchases', sale('rest-2', { total: rub('1.00') }));
    expect(other).toMatchObject({ status: 409, body: { code: 'duplicate-reference', retryable: false } });
  });

  it('frees the reference after a refusal, and repeats the refusal under the same key', async () => {
    const key = { 'idempotency-key': randomUUID(), 'accept-language': 'ru' };
    const refused = await post('/v1/purchases', sale('rest-3', { redeemPoints: '999' }), key);
    expect(refused.status).toBe(422);
    expect(refused.body.userMessage).toMatch(/[а-я]/);
    expect(refused.headers['content-type']).toContain('application/problem+json');
    const replay = await post('/v1/purchases', sale('rest-3', { redeemPoints: '999' }), key);
    expect(replay).toMatchObject({
      status: 422,
      body: refused.body,
      headers: { 'idempotency-replayed': 'true' },
    });
    const smaller = await post('/v1/purchases', sale('rest-3', { redeemPoints: '1' }));
    expect(smaller.status).toBe(201);
  });

  it.each([
    [
      'a number for money',
      { receipt: { total: { amount: 1000, currency: 'RUB' } } },
      400,
      'money-not-string',
      '/receipt/total/amount',
    ],
    ['an unknown field', { colour: 'red' }, 400, 'unknown-field', '/colour'],
    ['a third decimal', { receipt: { total: rub('1.001') } }, 422, 'amount-scale', '/receipt/total/amount'],
    [
      'another currency',
      { receipt: { total: { amount: '1.00', currency: 'USD' } } },
      422,
      'validation-failed',
      '/receipt/total/currency',
    ],
    [
      'points by uid',
      {
        identifier: { type: 'uid', value: randomUUID() },
        receipt: { total: rub('10.00'), redeemPoints: '1' },
      },
      422,
      'redeem-requires-code',
      undefined,
    ],
    ['a card', { identifier: { type: 'card', value: '1234' } }, 501, 'capability-not-supported', undefined],
  ])('refuses %s with a problem and sends no purchase', async (_, change, status, code, pointer) => {
    const told = await post('/v1/purchases', { ...sale(randomUUID()), ...change });
    expect(told).toMatchObject({ status, body: { code, outcome: 'not-executed' } });
    if (pointer) expect(told.body.errors[0].pointer).toBe(pointer);
    expect(await world.effects('uds')).toEqual([]);
  });

  it('shows a refused operation in the reader’s language', async () => {
    const unknown = { ...sale('rest-6'), identifier: { type: 'code', value: '999999' } };
    const { body } = await post('/v1/purchases', unknown);
    expect(body.code).toBe('customer-not-found');
    const read = async (path: string, language: string) =>
      (await gateway.ask({ path, headers: { 'accept-language': language } })).body;
    const path = `/v1/operations/${body.operationId}`;
    expect((await read(path, 'ru')).problem).toMatchObject({
      code: 'customer-not-found',
      userMessage: expect.stringMatching(/[а-я]/),
    });
    expect((await read(path, 'en')).problem.userMessage).toBe(body.userMessage);
    const { data } = await read('/v1/operations?state=rejected', 'ru');
    expect(data[0].problem.userMessage).toMatch(/[а-я]/);
  });

  it('finds every write with a reference, the refused ones too', async () => {
    const refused = { ...sale('rest-found'), identifier: { type: 'code', value: '999999' } };
    expect((await post('/v1/purchases', refused)).status).toBe(404);
    expect((await post('/v1/purchases', sale('rest-found'))).status).toBe(201);
    const { body } = await gateway.ask({ path: '/v1/operations?merchantReference=rest-found' });
    expect(body.data.map(({ state }: { state: string }) => state)).toEqual(['succeeded', 'rejected']);
  });

  it('answers 202 with the operation when the caller does not wait, and books soon after', async () => {
    const told = await post('/v1/purchases', sale('rest-5'), { prefer: 'respond-async' });
    expect(told.status).toBe(202);
    expect(told.headers.location).toBe(`/v1/operations/${told.body.id}`);
    const state = async () => (await gateway.ask({ path: told.headers.location! })).body.state;
    await expect.poll(state).toBe('succeeded');
    const events = await gateway.ask({ path: `${told.headers.location}/events` });
    // On a slow machine a start may come too late: then it is queued and sent once more.
    const states: string[] = events.body.data.map((line: { state: string }) => line.state);
    expect([states[0], states.at(-1)]).toEqual(['queued', 'succeeded']);
    expect(new Set(states)).toEqual(new Set(['queued', 'dispatching', 'succeeded']));
    expect(events.body.data.at(-1)).toMatchObject({
      from: 'dispatching',
      outcome: 'executed',
      evidence: 'proof',
      attempt: expect.any(Number),
    });
  });
});
