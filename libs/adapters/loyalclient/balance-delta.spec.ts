import type { ReconcileContext } from '#adapter-kit';
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
