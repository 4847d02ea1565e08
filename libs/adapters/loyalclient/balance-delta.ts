import { Refusal, addPoints, comparePoints, isZeroPoints, negatePoints, zeroMoney } from '#canonical';
import type { HeldPoints, Points, PurchaseAsk, PurchaseData } from '#canonical';
import { inconclusive, send, undecided, unprovable } from '#adapter-kit';
import type { PlanRun, Reconcile, ReconcileContext, Verdict } from '#adapter-kit';
import { isHidden, shiftOf } from './beside.js';
import type { Shift } from './beside.js';
import { clientBalance, searched, stillFound } from './client.js';
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
    if (isBlurred(context) && !wasRefusedAtOnce(context)) return otherWrite;
    if (before.kind === 'discount')
      return unprovable(
        'A discount does not change the balance, so the balance does not show whether the purchase was booked.',
      );
    try {
      return yield* compare(ask, { ...before, balance: before.balance }, context);
    } catch (error) {
      if (error instanceof Refusal) return inconclusive(`LoyalClient refused the look-up: ${error.code}.`);
      throw error;
    }
  },
};

const otherWrite = unprovable(
  'Another purchase, hold or release for this client may have changed the balance in the meantime.',
);

// Other writes have moved the balance by nobody knows how much.
const isBlurred = ({ disturbed, beside }: BalanceContext): boolean => disturbed === true && !beside;

// The only request was refused. A repeat follows a 429 after a second at least; its refusal says nothing of the first request.
const wasRefusedAtOnce = ({ denied, firstSentAt, lastSentAt }: BalanceContext): boolean =>
  denied === true && lastSentAt.getTime() - firstSentAt.getTime() < 500;

interface KnownBalance extends ClientBalance {
  balance: Points;
}

function* compare(ask: PurchaseAsk, before: KnownBalance, context: BalanceContext): PlanRun<PurchaseVerdict> {
  const point = pointOf(ask.locationId, context.settings);
  const balanceWith = (holds: HeldPoints[]) => balanceNow(ask, before, { point, holds }, context);
  const after = yield* balanceWith([]);
  if (after === undefined) return inconclusive('LoyalClient did not return the balance.');
  // Nothing but the balance put such a refusal in doubt, so it settles it, whatever else was written.
  if (wasRefusedAtOnce(context) && comparePoints(after, before.balance) === 0) return { verdict: 'absent' };
  // A balance that has changed otherwise may hide the sale behind another write.
  if (isBlurred(context)) return otherWrite;
  const { beside } = context;
  const shift = beside ? yield* shiftOf(beside, after, balanceWith) : unshifted;
  if (!shift) return undecided(otherWrite.note!, context);
  const moved = { ...before, after, shift, point, context };
  return yield* isZeroPoints(ask.receipt.redeemPoints ?? '0')
    ? judgeEarn(ask, moved)
    : judgeSpend(ask, moved);
}

const unshifted: Shift = { points: '0' };

interface Moved extends KnownBalance {
  after: Points;
  shift: Shift;
  point: string;
  context: BalanceContext;
}

function balanceBefore({ before }: BalanceContext): ClientBalance | undefined {
  return (before[clientBalance.name] ?? before[recalcBalance.name]) as ClientBalance | undefined;
}

// The balance by the same call as before the purchase, so that both are comparable; by id if the code is no longer valid. With the
// points of further holds, if any are named.
function* balanceNow(
  ask: PurchaseAsk,
  { clientId }: ClientBalance,
  { point, holds: further }: { point: string; holds: HeldPoints[] },
  { before }: BalanceContext,
): PlanRun<Points | undefined> {
  const holds = holdIds([...ask.holds, ...further]);
  const { identifier } = ask.subject;
  if (identifier && clientBalance.name in before) {
    const shown = yield* stillFound(searched(clientBalance, identifier, { point, holds }));
    if (shown?.clientId === clientId) return shown.balance;
  }
  return (yield* send(recalcBalance, { clientId, point, holds })).balance;
}

function* judgeSpend(ask: PurchaseAsk, moved: Moved): PlanRun<PurchaseVerdict> {
  const { clientId, point } = moved;
  const { total, redeemPoints = '0' } = ask.receipt;
  const other = unlessMovedBy(negatePoints(redeemPoints), moved);
  if (other) return other;
  const discount = zeroMoney(total.currency);
  // A total with a fraction may have been booked rounded; the same call as before the purchase shows how.
  const booked = isWhole(total.amount)
    ? total
    : (yield* send(recalc, { clientId, point, receipt: { total }, holds: [] })).payable;
  const payable = payableAfter(booked, discount, redeemPoints);
  return executed({ payable, redeemedPoints: redeemPoints, earnedPoints: '0', discount }, clientId);
}

// The points to be earned are requested now: they depend on the receipt and the level, not on the balance.
function* judgeEarn(ask: PurchaseAsk, moved: Moved): PlanRun<PurchaseVerdict> {
  const { clientId, balance, after, point } = moved;
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
  if (isZeroPoints(balance) && isZeroPoints(after))
    return inconclusive(
      'The balance was 0 before and after, perhaps because LoyalClient does not show it for this level.',
    );
  const other = unlessMovedBy(earnPoints, moved);
  if (other) return other;
  const discount = zeroMoney(total.currency);
  return executed({ payable, redeemedPoints: '0', earnedPoints: earnPoints, discount, rate }, clientId);
}

// The verdict, unless the balance has moved by just these points.
function unlessMovedBy(
  points: Points,
  { balance, after, shift, context }: Moved,
): PurchaseVerdict | undefined {
  if (context.beside && isHidden(points, context.beside)) return otherWrite;
  const without = addPoints(balance, shift.points);
  if (comparePoints(after, addPoints(without, points)) === 0) return undefined;
  // A hold that has ended although the purchase was not booked was ended by somebody else, who may have moved the balance, too.
  if (comparePoints(after, without) === 0 && !shift.ended) return { verdict: 'absent', evidence: 'weak' };
  return undecided(
    `The balance went from ${balance} to ${after}, which this purchase alone does not explain.`,
    context,
  );
}

const executed = (result: PurchaseData, clientId: string): PurchaseVerdict => ({
  verdict: 'executed',
  evidence: 'weak',
  result: { ...result, customer: { refs: { clientId } } },
});
