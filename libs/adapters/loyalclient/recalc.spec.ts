import { interpret, readWire } from '#adapter-kit';
import { money } from '#canonical';
import type { QuoteData } from '#canonical';
import { describe, expect, it } from 'vitest';
import { loyalclient } from './loyalclient.adapter.js';
import { payableAfter, recalc, recalcBalance } from './recalc.js';
import { retail } from './retail.js';

const context = { settings: {}, now: new Date('2026-01-15T12:00:00.000Z') };
const rub = (amount: string) => money(amount, 'RUB');

describe('a client in debt', () => {
  const fields = { amount: 1000, percent: 10, type: 'cashback', spend: -5, earn: 100 };
  const answer = readWire(200, {}, Buffer.from(JSON.stringify({ success: true, recalc: fields })));
  const ask = { clientId: 'c', point: 'p', receipt: { total: rub('1000.00') }, holds: [] };

  it('gets a quote with nothing to redeem', () => {
    expect(interpret(loyalclient, recalc, answer, ask, context)).toMatchObject({
      kind: 'done',
      result: { maxRedeemPoints: '0', payable: rub('1000.00'), payableIfMaxRedeemed: rub('1000.00') },
    });
    const receipt = { ...ask.receipt, redeemPoints: '1' };
    expect(interpret(loyalclient, recalc, answer, { ...ask, receipt }, context)).toMatchObject({
      kind: 'refused',
      refusal: { code: 'redeem-limit-exceeded', members: { maxRedeemPoints: '0' } },
    });
  });

  it('keeps the debt as the balance before a purchase', () => {
    expect(interpret(loyalclient, recalcBalance, answer, ask, context)).toMatchObject({
      result: { balance: '-5' },
    });
  });
});

describe('a quote with impossible points', () => {
  const quoted = (spend: number, earn: number) => {
    const fields = { amount: 100, percent: 10, type: 'cashback', spend, earn };
    const answer = readWire(200, {}, Buffer.from(JSON.stringify({ success: true, recalc: fields })));
    const ask = { clientId: 'c', point: 'p', receipt: { total: rub('100.00') }, holds: [] };
    return (interpret(loyalclient, recalc, answer, ask, context) as { result: QuoteData }).result;
  };

  it('is cut to the receipt and to none, with a warning', () => {
    expect(quoted(9_999, -1)).toMatchObject({
      maxRedeemPoints: '100',
      earnPoints: '0',
      payableIfMaxRedeemed: rub('0.00'),
      warnings: [
        { code: 'provider-figures-differ', pointer: '/receipt/redeemPoints' },
        { code: 'provider-figures-differ' },
      ],
    });
    expect(quoted(100, 0)).toMatchObject({ maxRedeemPoints: '100', earnPoints: '0', warnings: [] });
  });
});

it('a total is told as it is shown elsewhere', () => {
  const read = (name: string, fields: object) =>
    readWire(200, {}, Buffer.from(JSON.stringify({ success: true, [name]: fields })));
  const receipt = { total: { amount: '100.5', currency: 'RUB' } };
  const where = { clientId: 'c', point: 'p', holds: [] };
  const fields = { amount: 101, percent: 10, type: 'cashback', spend: 0, earn: 10, total: 101 };
  const quoted = interpret(loyalclient, recalc, read('recalc', fields), { ...where, receipt }, context);
  const ask = { ...where, ...receipt, redeemPoints: '0' };
  const booked = interpret(loyalclient, retail, read('retail', fields), ask, context);
  for (const meaning of [quoted, booked])
    expect(meaning).toMatchObject({
      result: { warnings: [{ detail: expect.stringMatching(/ 101\.00, but 100\.50 was sent\.$/) }] },
    });
});

describe('a level of 0 %', () => {
  const where = { clientId: 'c', point: 'p', holds: [] };
  const receipt = { total: rub('200.00') };
  const meant = (percent: number, earn?: null) => {
    const fields = { amount: 200, total: 200, percent, type: 'cashback', spend: 0, earn };
    const body = JSON.stringify({ success: true, recalc: fields, retail: fields });
    const answer = readWire(200, {}, Buffer.from(body));
    return [
      interpret(loyalclient, recalc, answer, { ...where, receipt }, context),
      interpret(loyalclient, retail, answer, { ...where, ...receipt, redeemPoints: '0' }, context),
    ];
  };

  it.each([undefined, null])('earns nothing where the number is left out: %j', earn => {
    const [quote, sale] = meant(0, earn);
    expect(quote).toMatchObject({ kind: 'done', result: { earnPoints: '0' } });
    expect(sale).toMatchObject({ kind: 'done', result: { earnedPoints: '0', payable: rub('200.00') } });
    for (const { kind } of meant(10, earn)) expect(kind).toBe('unanswered');
  });
});

describe('half a yen', () => {
  const yen = (amount: string) => money(amount, 'JPY');

  it('is rounded once: what is expected is what LoyalClient reports', () => {
    const fields = { amount: 1000, total: 899.5, percent: 10, type: 'cashback', spend: 100.5 };
    const answer = readWire(200, {}, Buffer.from(JSON.stringify({ success: true, retail: fields })));
    const ask = { clientId: 'c', point: 'p', total: yen('1000'), redeemPoints: '100.5', holds: [] };
    const booked = interpret(loyalclient, retail, answer, ask, context) as { result: object };
    expect(booked.result).toMatchObject({ payable: yen('900'), redeemedPoints: '100.5' });
    expect(booked.result).not.toHaveProperty('warnings');
    expect(payableAfter(yen('1000'), yen('0'), '100.5')).toEqual(yen('900'));
  });
});
