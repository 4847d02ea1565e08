import { interpret, readWire } from '#adapter-kit';
import { money } from '#canonical';
import { describe, expect, it } from 'vitest';
import { loyalclient } from './loyalclient.adapter.js';
import { recalc, recalcBalance } from './recalc.js';

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
