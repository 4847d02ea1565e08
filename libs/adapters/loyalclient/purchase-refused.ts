import { comparePoints } from '#canonical';
import type { ErrorCode, Points, PurchaseAsk, Refusal } from '#canonical';
import { Unanswered, send } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import { clientBalanceAfter, isNotFound, searched } from './client.js';
import type { ClientBalance } from './client.js';
import { recalcBalanceAfter } from './recalc.js';
import type { RetailAsk } from './retail.js';

// No sale changes these: the first request would have been refused for them as well.
const changedByNoSale: ErrorCode[] = [
  'customer-not-found',
  'customer-blocked',
  'location-unknown',
  'connection-credentials-invalid',
];

/** Throws `Unanswered` where a refused purchase may be booked all the same: one that reached LoyalClient twice (a proxy repeated it) is refused the second time, because the first took the points. Then the balance is not what it was. */
export function* requireUnbooked(
  refusal: Refusal,
  sent: RetailAsk,
  { ask, before }: { ask: PurchaseAsk; before: ClientBalance },
): PlanRun<void> {
  const { balance, kind } = before;
  // A discount does not change the balance; and the first request for more points than there were would be refused, too.
  if (changedByNoSale.includes(refusal.code) || balance === undefined || kind === 'discount') return;
  if (comparePoints(sent.redeemPoints, balance) > 0) return;
  const after = yield* balanceAfter(sent, ask);
  if (after !== undefined && comparePoints(after, balance) !== 0)
    throw new Unanswered('LoyalClient refused the purchase, but the balance is not what it was');
}

// By the same call as before, so that both are comparable; by id if the code died with the first request. Where neither tells,
// the refusal counts: nothing but a rare repeat speaks against it, and the cashier waits.
function* balanceAfter({ clientId, point, holds }: RetailAsk, ask: PurchaseAsk): PlanRun<Points | undefined> {
  const { identifier } = ask.subject;
  try {
    const found = identifier && (yield* searched(clientBalanceAfter, identifier, { point, holds }));
    if (found) return found.clientId === clientId ? found.balance : undefined;
  } catch (error) {
    if (!isNotFound(error)) return undefined;
  }
  try {
    return (yield* send(recalcBalanceAfter, { clientId, point, holds })).balance;
  } catch {
    return undefined;
  }
}
