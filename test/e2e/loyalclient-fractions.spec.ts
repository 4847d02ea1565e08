import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestGateway } from '../support/gateway.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';
import { Till } from './calls/till.js';

// 1250.5 points, which may pay 30 % of a receipt.
const maria = { identifier: { type: 'card', value: '2000000000024' } };
const rub = (amount: string) => ({ amount, currency: 'RUB' });
const sale = (total: string, redeemPoints = '0', more: object = {}) => ({
  ...maria,
  merchantReference: 'order-1',
  receipt: { total: rub(total), redeemPoints },
  ...more,
});

let stack: Stack;
let world: World;
let gateway: TestGateway;
let till: Till;

beforeAll(async () => {
  stack = await startStack({ workers: true, sandbox: { only: ['loyalclient'] } });
  ({ world, gateway } = stack);
});
afterAll(() => stack.close());

async function enter(options: object): Promise<void> {
  await world.control('reset', { provider: 'loyalclient', options });
  till = new Till(world, gateway, await world.connect('loyalclient'));
}

const booked = () => world.effects('loyalclient');
const balance = async (): Promise<number> =>
  (await world.control('state?provider=loyalclient')).loyalclient.clients[1].balance;
const lastOperation = async () => (await till.get('/v1/operations?limit=1')).body.data[0];

const words = 'Only whole amounts are accepted.';
/** The till's answer: refused by the provider, with its text, and not executed. */
const refused = {
  status: 422,
  body: {
    code: 'provider-rejected',
    outcome: 'not-executed',
    retryable: false,
    provider: { name: 'loyalclient', message: words },
    userMessage: expect.stringMatching(/did not go through/),
  },
};

describe.each([
  { envelope: 'bare' },
  { envelope: 'errors', text: 'list' },
  { envelope: 'error', refusalStatus: 200 },
  { envelope: 'sentence' },
  { envelope: 'success-false', text: 'list', refusalStatus: 200 },
])('a LoyalClient that accepts only whole amounts, reported in %j', dialect => {
  beforeEach(() => enter({ fractions: 'refuse', ...dialect }));

  const at = (pointer: string) =>
    dialect.envelope === 'sentence'
      ? {}
      : { errors: [{ pointer, code: 'provider-rejected', detail: words }] };

  it('quotes whole receipts, and refuses others', async () => {
    const told = await till.post('/v1/quotes', { ...maria, receipt: { total: rub('100.50') } });
    expect(told).toMatchObject({ ...refused, body: { ...refused.body, ...at('/receipt/total') } });
    const whole = await till.post('/v1/quotes', { ...maria, receipt: { total: rub('100.00') } });
    expect(whole).toMatchObject({
      status: 200,
      body: { maxRedeemPoints: '30', earnPoints: '3', warnings: [] },
    });
  });

  it('holds whole points, and a refused hold holds nothing', async () => {
    const told = await till.post('/v1/holds', { ...maria, points: '10.5' });
    expect(told).toMatchObject({ ...refused, body: { ...refused.body, ...at('/points') } });
    expect(await lastOperation()).toMatchObject({
      kind: 'createHold',
      state: 'rejected',
      outcome: 'not-executed',
    });
    expect(await booked()).toEqual([]);
    expect((await till.post('/v1/holds', { ...maria, points: '1250' })).status).toBe(201);
  });

  it('earns for whole receipts; a refused one books nothing, and its reference is free', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const ask = { method: 'POST', path: '/v1/purchases', body: sale('100.50'), headers } as const;
    const told = await till.ask(ask);
    expect(told).toMatchObject({ ...refused, body: { ...refused.body, ...at('/receipt/total') } });
    expect(await till.ask(ask)).toMatchObject({ ...refused, headers: { 'idempotency-replayed': 'true' } });
    expect(await booked()).toEqual([]);
    const whole = await till.post('/v1/purchases', sale('100.00'));
    expect(whole).toMatchObject({
      status: 201,
      body: { result: { payable: rub('100.00'), earnedPoints: '3' } },
    });
    expect(await balance()).toBe(1253.5);
  });

  it('spends whole points once; a refused fraction sets no limit, and its hold stays', async () => {
    const { body: hold } = await till.post('/v1/holds', { ...maria, points: '11' });
    const own = { holdIds: [hold.id] };
    const told = await till.post('/v1/purchases', sale('1000.00', '10.5', own));
    expect(told).toMatchObject({ ...refused, body: { ...refused.body, ...at('/receipt/redeemPoints') } });
    expect(told.body).not.toHaveProperty('maxRedeemPoints');
    expect(await lastOperation()).toMatchObject({ state: 'rejected', outcome: 'not-executed' });
    expect((await till.get(`/v1/holds/${hold.id}`)).body.state).toBe('active');
    const whole = await till.post('/v1/purchases', sale('1000.00', '10', own));
    expect(whole).toMatchObject({
      status: 201,
      body: { result: { payable: rub('990.00'), redeemedPoints: '10' } },
    });
    expect((await booked()).map(({ type }) => type)).toEqual(['hold', 'purchase']);
    expect(await balance()).toBe(1240.5);
  });
});

describe('a LoyalClient that rounds', () => {
  beforeEach(() => enter({ fractions: 'whole' }));

  const warned = (pointer: string) => [
    { code: 'provider-figures-differ', detail: expect.any(String), pointer },
  ];

  it('books what was quoted', async () => {
    const total = rub('100.40');
    const { body: quote } = await till.post('/v1/quotes', { ...maria, receipt: { total } });
    expect(quote).toMatchObject({ payable: rub('100.00'), warnings: warned('/receipt/total') });
    const expecting = (expectedPayable: object) => ({ receipt: { total, expectedPayable } });
    const other = await till.post('/v1/purchases', sale('', '', expecting(total)));
    expect(other).toMatchObject({ status: 422, body: { code: 'amount-mismatch', outcome: 'not-executed' } });
    expect(await booked()).toEqual([]);
    const told = await till.post('/v1/purchases', sale('', '', expecting(quote.payable)));
    expect(told).toMatchObject({
      status: 201,
      body: {
        result: { payable: quote.payable, earnedPoints: quote.earnPoints },
        warnings: warned('/receipt/total'),
      },
    });
  });

  it('books no more than the till’s amount, and says what the till can do', async () => {
    const receipt = { total: rub('100.50'), expectedPayable: rub('100.50') };
    const told = await till.post('/v1/purchases', sale('', '', { receipt }));
    expect(told).toMatchObject({ status: 422, body: { code: 'amount-mismatch' } });
    expect(told.body.detail).toMatch(/to pay is 101\.00.*rounds.*whole/);
    const free = await till.post('/v1/purchases', sale('100.50'));
    expect(free).toMatchObject({
      status: 201,
      body: { result: { payable: rub('101.00') }, warnings: warned('/receipt/total') },
    });
    expect((await booked()).length).toBe(1);
  });

  it('returns the points really taken', async () => {
    const told = await till.post('/v1/purchases', sale('1000.00', '10.5'));
    expect(told).toMatchObject({
      status: 201,
      body: {
        result: { payable: rub('989.00'), redeemedPoints: '11' },
        warnings: warned('/receipt/redeemPoints'),
      },
    });
    expect(await balance()).toBe(1239.5);
  });
});

it('a LoyalClient that keeps kopecks books each of them', async () => {
  await enter({});
  const told = await till.post('/v1/purchases', sale('100.50', '10.25'));
  expect(told).toMatchObject({
    status: 201,
    body: { result: { payable: rub('90.25'), redeemedPoints: '10.25' }, warnings: [] },
  });
  expect(await balance()).toBe(1240.25);
});
