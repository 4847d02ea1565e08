import { interpret, readWire } from '#adapter-kit';
import type { Exchange } from '#adapter-kit';
import { money } from '#canonical';
import { describe, expect, it } from 'vitest';
import { clientBalance, findClient } from './client.js';
import { holdPoints } from './hold.js';
import { loyalclient } from './loyalclient.adapter.js';
import { recalc } from './recalc.js';
import { retail } from './retail.js';

const now = new Date('2026-01-15T12:00:00.000Z');
const total = money('1000', 'RUB');
const where = { clientId: 'c', point: 'p', holds: [] };

const calls: [string, Exchange, unknown, object, object][] = [
  [
    'client',
    findClient,
    { search: '1', point: 'p', holds: [] },
    { id: 'c', balance: 5 },
    { balancePoints: '5' },
  ],
  [
    'client',
    clientBalance,
    { search: '1', point: 'p', holds: [] },
    { id: 'c', balance: 5 },
    { balance: '5' },
  ],
  [
    'recalc',
    recalc,
    { ...where, receipt: { total } },
    { amount: 1000, percent: 10, type: 'cashback', spend: 300, earn: 100 },
    { maxRedeemPoints: '300' },
  ],
  [
    'held',
    holdPoints,
    { clientId: 'c', point: 'p', points: '100', minutes: 10 },
    { id: 'h', until: now.getTime() / 1_000 + 600, amount: 100 },
    { refs: { holdId: 'h' } },
  ],
  [
    'retail',
    retail,
    { ...where, total, redeemPoints: '500' },
    { amount: 1000, total: 500, percent: 10, type: 'cashback', spend: 500 },
    { redeemedPoints: '500' },
  ],
];

const meant = (exchange: Exchange, ask: unknown, body: unknown) =>
  interpret(loyalclient, exchange, readWire(200, {}, Buffer.from(JSON.stringify(body))), ask, {
    settings: {} as never,
    now,
  });

describe.each(calls)('%s of LoyalClient', (name, exchange, ask, content, result) => {
  it.each([
    ['at the top', { success: true, [name]: content }],
    ['without a flag', { [name]: content }],
    ['under `data`', { success: true, data: { [name]: content } }],
    ['all of it under `result`', { result: { success: true, [name]: content } }],
    ['as the data itself', { success: true, data: content }],
  ])('is read %s', (_place, body) => {
    expect(meant(exchange, ask, body)).toMatchObject({ kind: 'done', result });
  });

  it.each([
    ['an envelope with `success: false`', { data: { success: false, [name]: content } }],
    ['an answer with `success: false`', { success: false, data: { [name]: content, total: 1 } }],
    ['data without a success flag', { data: content }],
    ['another call’s result', { success: true, data: { another: content, [`${name}s`]: content } }],
  ])('is not taken from %s', (_place, body) => {
    expect(meant(exchange, ask, body).kind).not.toBe('done');
  });
});

describe('a booking in an envelope', () => {
  const [, , , content] = calls.at(-1)!;
  it('is never a refusal, whatever else the answer contains', () => {
    const ask = calls.at(-1)![2];
    const notice = { message: 'Client not found. Created.' };
    expect(meant(retail, ask, { data: { retail: content, ...notice } })).toMatchObject({ kind: 'done' });
    expect(meant(retail, ask, { success: false, data: { retail: content, ...notice } }).kind).toBe(
      'unanswered',
    );
  });

  it('with an error text is refused', () => {
    const ask = calls.at(-1)![2];
    const body = { data: { success: false, spend: "Spend can't be more 100" } };
    expect(meant(retail, ask, body)).toMatchObject({
      kind: 'refused',
      refusal: { code: 'redeem-limit-exceeded' },
    });
  });
});

describe('a client without an id', () => {
  it.each([0, '0', false, '', null])('is not a client: %j', id => {
    for (const exchange of [findClient, clientBalance]) {
      const body = { success: true, client: { id, balance: 5 } };
      expect(meant(exchange, { search: '1', point: 'p', holds: [] }, body).kind).toBe('unanswered');
    }
  });
});
