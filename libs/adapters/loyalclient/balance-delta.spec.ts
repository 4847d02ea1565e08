import type { ReconcileContext } from '#adapter-kit';
import type { PurchaseAsk } from '#canonical';
import { expect, it } from 'vitest';
import { balanceDelta } from './balance-delta.js';
import { clientBalance } from './client.js';

const ask = { receipt: { total: { amount: '100.00', currency: 'RUB' } } } as PurchaseAsk;
const context = {
  settings: {},
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
  ['a refused one, which only the balance put in doubt', { denied: true }, { verdict: 'absent' }],
])('another write of the client proves nothing of %s', (_what, known, verdict) => {
  const end = balanceDelta.run(ask, { ...context, ...known } as never).next();
  expect(end).toMatchObject({ done: true, value: verdict });
});
