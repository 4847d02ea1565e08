import type { ReconcileContext } from '#adapter-kit';
import { Refusal } from '#canonical';
import type { PurchaseAsk } from '#canonical';
import { expect, it } from 'vitest';
import { balanceDelta } from './balance-delta.js';
import { clientBalance } from './client.js';

const total = { amount: '100.00', currency: 'RUB' };
const ask = { receipt: { total }, subject: { refs: { clientId: '7' } }, holds: [] } as unknown as PurchaseAsk;
const context = {
  settings: { defaultPoint: 'shop-1' },
  before: { [clientBalance.name]: { clientId: '7', balance: '878', kind: 'bonus' } },
  disturbed: true,
  now: new Date(2),
  firstSentAt: new Date(0),
  lastSentAt: new Date(1),
} as unknown as ReconcileContext;

it.each([
  ['a lost sale', {}, { verdict: 'inconclusive', final: true }],
  [
    'one that was refused only when it was sent again after a 429',
    { denied: true, lastSentAt: new Date(1_000) },
    { verdict: 'inconclusive', final: true },
  ],
])('another write of the client proves nothing of %s', (_what, known, verdict) => {
  const end = balanceDelta.run(ask, { ...context, ...known } as never).next();
  expect(end).toMatchObject({ done: true, value: verdict });
});

it.each([
  ['spends, and no points are missing', '50', '878', 'absent'],
  ['spends, and points are missing, as after it and a credit of another till', '50', '848', 'inconclusive'],
  ['spends, and its points are gone, which nothing else may explain', '50', '828', 'inconclusive'],
  ['earns, and there are more points', '0', '888', 'inconclusive'],
])(
  'a refused sale beside another write of the client is believed where the balance is what it was: it %s',
  (...told) => {
    const [, redeemPoints, balance, verdict] = told;
    const plan = balanceDelta.run({ ...ask, receipt: { total, redeemPoints } }, { ...context, denied: true });
    plan.next();
    expect(plan.next({ clientId: '7', balance })).toMatchObject({ done: true, value: { verdict } });
  },
);

const alone = { ...context, disturbed: false };
const byCode = { refs: { clientId: '7' }, identifier: { type: 'code', value: '012345' } };
const spending = (subject: object) =>
  ({ ...ask, subject, receipt: { total, redeemPoints: '50' } }) as unknown as PurchaseAsk;

it('a balance that LoyalClient refuses to show decides nothing, and hides no bug of ours', () => {
  const looking = () => {
    const plan = balanceDelta.run(spending({ refs: { clientId: '7' } }), alone);
    plan.next();
    return plan;
  };
  expect(looking().throw(new Refusal('customer-blocked'))).toMatchObject({
    done: true,
    value: { verdict: 'inconclusive' },
  });
  const bug = new TypeError('x is not a function');
  expect(() => looking().throw(bug)).toThrow(bug);
});

it('the balance of whoever has the code now is not the buyer’s', () => {
  const plan = balanceDelta.run(spending(byCode), alone);
  expect(plan.next().value).toMatchObject({ exchange: { name: 'client-balance' } });
  expect(plan.next({ clientId: '8', balance: '828' }).value).toMatchObject({
    exchange: { name: 'recalc-balance' },
    ask: { clientId: '7' },
  });
});

it('a hold beside the purchase that cannot be seen now decides nothing', () => {
  const hold = { refs: { holdId: 'h' }, points: '300' };
  const plan = balanceDelta.run(spending({ refs: { clientId: '7' } }), { ...context, beside: { hold } });
  plan.next();
  // As after the purchase with the hold ended, had nothing else moved meanwhile.
  plan.next({ clientId: '7', balance: '1128' });
  plan.next({ clientId: '7', balance: '1200' });
  expect(plan.next({ clientId: '7', balance: '1128' })).toMatchObject({
    done: true,
    value: { verdict: 'inconclusive' },
  });
});

it('the holds that the purchase names are in the balance again, or their points would look spent', () => {
  const holds = [{ refs: { holdId: 'h' }, points: '50' }];
  const plan = balanceDelta.run({ ...spending({ refs: { clientId: '7' } }), holds }, alone);
  expect(plan.next().value).toMatchObject({ ask: { holds: ['h'] } });
});
