import { interpret, readWire } from '#adapter-kit';
import type { Exchange } from '#adapter-kit';
import { money } from '#canonical';
import { describe, expect, it } from 'vitest';
import { clientStanding, findClient } from './client.js';
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
    clientStanding,
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

describe.each(calls)('%s of LoyalClient', (name, exchange, ask, said, result) => {
  it.each([
    ['at the top', { success: true, [name]: said }],
    ['without a flag', { [name]: said }],
    ['under `data`', { success: true, data: { [name]: said } }],
    ['all of it under `result`', { result: { success: true, [name]: said } }],
    ['as the data themselves', { success: true, data: said }],
  ])('is read %s', (_place, body) => {
    expect(meant(exchange, ask, body)).toMatchObject({ kind: 'done', result });
  });

  it.each([
    ['an envelope that denies it', { data: { success: false, [name]: said } }],
    ['a flag that denies the envelope', { success: false, data: { [name]: said, total: 1 } }],
    ['data that do not call themselves a success', { data: said }],
    ['another call’s result', { success: true, data: { another: said, [`${name}s`]: said } }],
  ])('is not taken from %s', (_place, body) => {
    expect(meant(exchange, ask, body).kind).not.toBe('done');
  });
});

describe('a booking in an envelope', () => {
  const [, , , said] = calls.at(-1)!;
  it('is never called refused, whatever stands beside it', () => {
    const ask = calls.at(-1)![2];
    const notice = { message: 'Client not found. Created.' };
    expect(meant(retail, ask, { data: { retail: said, ...notice } })).toMatchObject({ kind: 'done' });
    expect(meant(retail, ask, { success: false, data: { retail: said, ...notice } }).kind).toBe('unanswered');
  });

  it('that holds a complaint is refused', () => {
    const ask = calls.at(-1)![2];
    const body = { data: { success: false, spend: "Spend can't be more 100" } };
    expect(meant(retail, ask, body)).toMatchObject({
      kind: 'refused',
      refusal: { code: 'redeem-limit-exceeded' },
    });
  });
});
