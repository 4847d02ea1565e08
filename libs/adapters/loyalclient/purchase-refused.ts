import { comparePoints, isZeroPoints, subtractPoints } from '#canonical';
import type { ErrorCode, Points, PurchaseAsk, Refusal } from '#canonical';
import { Unanswered, sendAnew } from '#adapter-kit';
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

/** Who was named, and the client as it was before. */
export interface Asked {
  ask: Pick<PurchaseAsk, 'subject'>;
  before: ClientBalance;
}

/** Of a purchase or hold that was sent, what the look at the balance needs. */
export type Sent = Pick<RetailAsk, 'clientId' | 'point' | 'holds' | 'redeemPoints'>;

/** Throws `Unanswered` where a refused purchase may be booked all the same, or a refused hold be made (held points are missing from the balance): one that reached LoyalClient twice (a proxy repeated it) is refused the second time, because the first took the points. Then the balance shows it. */
export function* requireUnbooked(refusal: Refusal, sent: Sent, { ask, before }: Asked): PlanRun<void> {
  const { balance, kind } = before;
  // A discount does not change the balance; and the first request for more points than there were would be refused, too.
  if (changedByNoSale.includes(refusal.code) || balance === undefined || kind === 'discount') return;
  if (comparePoints(sent.redeemPoints, balance) > 0) return;
  const { balance: after } = yield* balanceAfter(sent, ask);
  if (after !== undefined && mayBeBooked(sent.redeemPoints, balance, after))
    throw new Unanswered('LoyalClient refused this, but the balance is what it would have left');
}

// Whether a balance, read at once, may be what the purchase left: it took its points at least, or gave some. Any other change is somebody
// else's.
const mayBeBooked = (redeemPoints: Points, before: Points, after: Points): boolean =>
  isZeroPoints(redeemPoints)
    ? comparePoints(after, before) > 0
    : comparePoints(after, subtractPoints(before, redeemPoints)) <= 0;

interface After {
  /** Absent where neither call tells. After a refusal that one counts: nothing but a rare repeat speaks against it, and the cashier waits. */
  balance?: Points;
  byId?: true;
}

/** The balance now, by the same call as before, so that both are comparable; by id if the code died with the first request. Never one that an earlier attempt has read. */
export function* balanceAfter(
  { clientId, point, holds }: Pick<RetailAsk, 'clientId' | 'point' | 'holds'>,
  { subject: { identifier } }: Asked['ask'],
): PlanRun<After> {
  try {
    const found = identifier && (yield* searched(clientBalanceAfter, identifier, { point, holds }, sendAnew));
    if (found) return found.clientId === clientId ? { balance: found.balance } : {};
  } catch (error) {
    if (!isNotFound(error)) return {};
  }
  try {
    const { balance } = yield* sendAnew(recalcBalanceAfter, { clientId, point, holds });
    return { balance, byId: true };
  } catch {
    return {};
  }
}
