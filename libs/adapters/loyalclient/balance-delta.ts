import { Refusal, addPoints, comparePoints, isZeroPoints, subtractPoints, zeroMoney } from '#canonical';
import type { Points, PurchaseAsk, PurchaseData } from '#canonical';
import { inconclusive, send, undecided, unprovable } from '#adapter-kit';
import type { PlanRun, Reconcile, ReconcileContext, Verdict } from '#adapter-kit';
import { clientBalance, isNotFound, searched } from './client.js';
import type { ClientBalance } from './client.js';
import { pointOf } from './preconditions.js';
import { payableAfter, recalc, recalcBalance } from './recalc.js';
import type { LoyalClientSettings } from './settings.js';
import { holdIds, isWhole } from './wire.js';

type BalanceContext = ReconcileContext<LoyalClientSettings>;
type PurchaseVerdict = Verdict<PurchaseData>;

/** Reads the balance again: exactly the change that the purchase would make is evidence for it, no change is evidence against it. Weak evidence: another till, or a hold that ended, changes the balance as well. */
export const balanceDelta: Reconcile<PurchaseAsk, PurchaseData> = {
  strategy: 'balance-delta',
  *run(ask, context: BalanceContext): PlanRun<PurchaseVerdict> {
    const before = balanceBefore(context);
    if (before?.balance === undefined) return unprovable('The balance before the purchase is not known.');
    const believed = context.denied === true && wasSentOnce(context);
    if (context.disturbed && !believed) return disturbed;
    if (before.kind === 'discount')
      return unprovable(
        'A discount does not change the balance, so the balance does not show whether the purchase was booked.',
      );
    try {
      const point = pointOf(ask.locationId, context.settings);
      const after = yield* balanceNow(ask, before, point, context);
      if (after === undefined) return inconclusive('LoyalClient did not return the balance.');
      const { redeemPoints = '0' } = ask.receipt;
      // Nothing but the balance put the refusal in doubt; one that has changed otherwise may hide the sale behind another write.
      if (believed && comparePoints(after, before.balance) === 0) return { verdict: 'absent' };
      if (context.disturbed) return disturbed;
      if (isZeroPoints(redeemPoints)) return yield* judgeEarn(ask, { ...before, after, point, context });
      return yield* judgeSpend(ask, { ...before, after, point, context });
    } catch (error) {
      if (error instanceof Refusal) return inconclusive(`LoyalClient refused the look-up: ${error.code}.`);
      throw error;
    }
  },
};

const disturbed = unprovable(
  'Another purchase, hold or release for this client may have changed the balance in the meantime.',
);

// A repeat follows a 429 after a second at least; its refusal says nothing of the first request.
const wasSentOnce = ({ firstSentAt, lastSentAt }: BalanceContext): boolean =>
  lastSentAt.getTime() - firstSentAt.getTime() < 500;

interface Moved extends ClientBalance {
  after: Points;
  point: string;
  context: BalanceContext;
}

function balanceBefore({ before }: BalanceContext): ClientBalance | undefined {
  return (before[clientBalance.name] ?? before[recalcBalance.name]) as ClientBalance | undefined;
}

/** The balance by the same call as before the purchase, so that both are comparable; by id if the code is no longer valid. */
function* balanceNow(
  ask: PurchaseAsk,
  { clientId }: ClientBalance,
  point: string,
  { before }: BalanceContext,
): PlanRun<Points | undefined> {
  const holds = holdIds(ask.holds);
  const { identifier } = ask.subject;
  if (identifier && clientBalance.name in before) {
    try {
      const found = yield* searched(clientBalance, identifier, { point, holds });
      if (found.clientId === clientId) return found.balance;
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  return (yield* send(recalcBalance, { clientId, point, holds })).balance;
}

function* judgeSpend(
  ask: PurchaseAsk,
  { clientId, balance, after, point, context }: Moved,
): PlanRun<PurchaseVerdict> {
  const { total, redeemPoints = '0' } = ask.receipt;
  if (comparePoints(after, subtractPoints(balance!, redeemPoints)) !== 0)
    return unmoved(balance!, after, context);
  const discount = zeroMoney(total.currency);
  // A total with a fraction may have been booked rounded; the same call as before the purchase shows how.
  const booked = isWhole(total.amount)
    ? total
    : (yield* send(recalc, { clientId, point, receipt: { total }, holds: [] })).payable;
  const payable = payableAfter(booked, discount, redeemPoints);
  return executed({ payable, redeemedPoints: redeemPoints, earnedPoints: '0', discount }, clientId);
}

/** The points to be earned, requested now: they depend on the receipt and the level, not on the balance. */
function* judgeEarn(
  ask: PurchaseAsk,
  { clientId, balance, after, point, context }: Moved,
): PlanRun<PurchaseVerdict> {
  const { total } = ask.receipt;
  const { payable, earnPoints, rate } = yield* send(recalc, {
    clientId,
    point,
    receipt: { total },
    holds: holdIds(ask.holds),
  });
  if (isZeroPoints(earnPoints))
    return unprovable('The purchase earns no points, so the balance does not show it.');
  // Two zeros by id may come from a level whose points cannot pay for anything: there the balance is not visible.
  if (isZeroPoints(balance!) && isZeroPoints(after))
    return inconclusive(
      'The balance was 0 before and after, perhaps because LoyalClient does not show it for this level.',
    );
  if (comparePoints(after, addPoints(balance!, earnPoints)) !== 0) return unmoved(balance!, after, context);
  const discount = zeroMoney(total.currency);
  return executed({ payable, redeemedPoints: '0', earnedPoints: earnPoints, discount, rate }, clientId);
}

const executed = (result: PurchaseData, clientId: string): PurchaseVerdict => ({
  verdict: 'executed',
  evidence: 'weak',
  result: { ...result, customer: { refs: { clientId } } },
});

const unmoved = (before: Points, after: Points, context: BalanceContext): PurchaseVerdict =>
  comparePoints(before, after) === 0
    ? { verdict: 'absent', evidence: 'weak' }
    : undecided(
        `The balance went from ${before} to ${after}, which this purchase alone does not explain.`,
        context,
      );
