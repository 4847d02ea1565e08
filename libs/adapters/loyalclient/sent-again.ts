import { comparePoints, isZeroPoints } from '#canonical';
import { Unanswered, send, sendIfUnmoved } from '#adapter-kit';
import type { Context, PlanRun } from '#adapter-kit';
import { balanceAfter } from './purchase-refused.js';
import type { Asked, Sent } from './purchase-refused.js';

/** Before a purchase or hold that was answered 429 is sent again: throws `Unanswered` unless the balance is what it was before the first request (held points are missing from it). LoyalClient takes no key and would book a second one. */
export function* requireUnchanged(
  sent: Sent,
  { ask, before }: Asked,
  { firstSentAt }: Context<any>,
): PlanRun<void> {
  if (!firstSentAt) return;
  const { balance: after, byId } = yield* balanceAfter(sent, ask);
  // By id, a balance above the limit of a redemption shows that limit, and a level whose points cannot pay for anything shows 0.
  const isLimited =
    !isZeroPoints(sent.redeemPoints) || (before.kind !== 'discount' && isZeroPoints(after ?? '0'));
  const isHidden = byId === true && isLimited;
  if (before.balance === undefined || after === undefined || isHidden)
    throw new Unanswered('LoyalClient answered 429, and does not show the balance');
  if (comparePoints(after, before.balance) !== 0)
    throw new Unanswered('LoyalClient answered 429, but the balance is not what it was');
}

/** How it is sent: again only where no other write of the client may have moved the balance, which is then what it was by chance. A discount moves none. */
export const viaOf = ({ before }: Asked, { firstSentAt }: Context<any>): typeof send =>
  firstSentAt && before.kind !== 'discount' ? sendIfUnmoved : send;
