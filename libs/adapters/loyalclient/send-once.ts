import { comparePoints, isZeroPoints, subtractPoints } from '#canonical';
import type { ErrorCode, Points, Refusal, Subject } from '#canonical';
import { Unanswered, ifRefused, send, sendAnew, sendIfUnmoved, unlessFailed } from '#adapter-kit';
import type { Context, Exchange, PlanRun } from '#adapter-kit';
import { clientBalanceAfter, searched, stillFound } from './client.js';
import type { ClientBalance } from './client.js';
import { recalcBalanceAfter } from './recalc.js';

/** What tells by the balance whether a purchase or a hold has been made: the balance before it, how that was read, and the points that are missing afterwards. */
export interface Watched {
  subject: Subject;
  before: ClientBalance;
  point: string;
  holds: string[];
  /** The points to be redeemed or held; "0" = a purchase that earns. */
  points: Points;
}

/**
 * Sends a purchase or a hold so that none is made twice, although LoyalClient takes no key: again after a 429 only if the
 * balance is what it was. Throws `Unanswered` where it may have been made all the same: behind such a 429, or where it
 * reached LoyalClient twice (a proxy repeated it), and was refused the second time because the first took the points.
 */
export function* sendOnce<Ask, Result>(
  exchange: Exchange<Ask, Result>,
  ask: Ask,
  watched: Watched,
  { firstSentAt }: Context<any>,
): PlanRun<Result> {
  if (firstSentAt) yield* requireUnmoved(watched);
  // Another write of the client may have moved the balance back to what it was; that of a discount level never moves.
  const via = firstSentAt && watched.before.kind !== 'discount' ? sendIfUnmoved : send;
  return yield* ifRefused(via(exchange, ask), refusal => requireNotMade(refusal, watched));
}

function* requireUnmoved(watched: Watched): PlanRun<void> {
  const { before, points } = watched;
  const { balance: after, byId } = yield* balanceAfter(watched);
  // By id, a balance above the limit of a redemption shows that limit, and a level whose points cannot pay for anything shows 0.
  const isLimited = !isZeroPoints(points) || (before.kind !== 'discount' && isZeroPoints(after ?? '0'));
  const isHidden = byId === true && isLimited;
  if (before.balance === undefined || after === undefined || isHidden)
    throw new Unanswered('LoyalClient answered 429, and does not show the balance');
  if (comparePoints(after, before.balance) !== 0)
    throw new Unanswered('LoyalClient answered 429, but the balance is not what it was');
}

// No sale changes these: the first request would have been refused for them as well.
const changedByNoSale: ErrorCode[] = [
  'customer-not-found',
  'customer-blocked',
  'location-unknown',
  'connection-credentials-invalid',
];

function* requireNotMade(refusal: Refusal, watched: Watched): PlanRun<void> {
  const { before, points } = watched;
  const { balance, kind } = before;
  // The balance of a discount level never moves; and the first request for more points than there were would be refused, too.
  if (changedByNoSale.includes(refusal.code) || balance === undefined || kind === 'discount') return;
  if (comparePoints(points, balance) > 0) return;
  const { balance: after } = yield* balanceAfter(watched);
  if (after !== undefined && mayBeLeftBy(points, balance, after))
    throw new Unanswered('LoyalClient refused this, but the balance is what it would have left');
}

// It took its points at least, or gave some. Any other change is somebody else's.
const mayBeLeftBy = (points: Points, before: Points, after: Points): boolean =>
  isZeroPoints(points)
    ? comparePoints(after, before) > 0
    : comparePoints(after, subtractPoints(before, points)) <= 0;

interface After {
  /** Absent if it was not shown. After a refusal, that one counts then: nothing but a rare repeat speaks against it, and the cashier waits. */
  balance?: Points;
  byId?: true;
}

function* balanceAfter(watched: Watched): PlanRun<After> {
  return (yield* unlessFailed(readBalanceAfter(watched))) ?? {};
}

// By the same call as before, so that both are comparable; by id if the code died with the first request. Never one that an earlier
// attempt has read.
function* readBalanceAfter({ subject: { identifier }, before, point, holds }: Watched): PlanRun<After> {
  const { clientId } = before;
  const where = { point, holds };
  const shown = identifier && (yield* stillFound(searched(clientBalanceAfter, identifier, where, sendAnew)));
  if (shown) return shown.clientId === clientId ? { balance: shown.balance } : {};
  const { balance } = yield* sendAnew(recalcBalanceAfter, { clientId, ...where });
  return { balance, byId: true };
}
