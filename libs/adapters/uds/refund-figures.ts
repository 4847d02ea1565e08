import type { Decimal } from 'decimal.js';
import { exact, figuresDiffer, floorPoints, money } from '#canonical';
import type { RefundAsk, RefundData, Warning } from '#canonical';
import { ROUNDING } from './amounts.js';
import type { LedgerEntry } from './operation.js';

/** A reversal in canonical terms. UDS splits the amount into money and points itself, and returned amounts are negative. */
export function refundOf(entry: LedgerEntry, refund: RefundAsk): RefundData {
  const { id, cash, points, cashierName } = entry;
  const { currency } = refund.amount;
  const warnings = contradictions(entry, refund);
  return {
    returnedMoney: cash === undefined ? undefined : money(exact(cash).abs(), currency),
    ...(points === undefined ? {} : pointsOf(exact(points), cash, refund)),
    providerOperationId: id,
    cashierName,
    ...(warnings.length > 0 && { warnings }),
  };
}

// UDS sends one number: returned redeemed points are positive, reversed earned points are negative. Where the sale did not tell
// what it earned, the number may be the returned points alone.
function pointsOf(net: Decimal, cash: string | undefined, refund: RefundAsk): Partial<RefundData> {
  const netPoints = net.toFixed();
  const returned = returnedOf(net, cash, refund);
  if (!returned) return { netPoints };
  const reversed = returned.minus(net);
  if (refund.purchasePoints?.earned === undefined && net.gt(0) && reversed.lte(ROUNDING))
    return { netPoints, returnedPoints: floorPoints(netPoints) };
  return {
    netPoints,
    returnedPoints: floorPoints(returned.toFixed()),
    reversedEarnedPoints: floorPoints(reversed.toFixed()),
  };
}

// The returned points, if they follow from the sale or the money; never negative, and never less than the net number.
function returnedOf(net: Decimal, cash: string | undefined, refund: RefundAsk): Decimal | undefined {
  const returned = bySale(net, cash, refund) ?? byMoney(net, cash, refund);
  return returned?.gte(0) && returned.gte(net) ? returned : undefined;
}

function bySale(net: Decimal, cash: string | undefined, refund: RefundAsk): Decimal | undefined {
  const { full, purchasePoints: had } = refund;
  if (!had) return undefined;
  const redeemed = exact(had.redeemed);
  if (redeemed.isZero()) return redeemed;
  if (had.earned === undefined) return undefined;
  const earned = exact(had.earned);
  if (earned.isZero()) return deferredBeside(net, cash, refund) ?? net;
  return full && redeemed.minus(earned).equals(net) ? redeemed : undefined;
}

// Deferred points were not yet earned at the sale, but may be withdrawn now. Then more points are returned than the net number
// says: the rest beside the money of a sale without discount, if it exceeds the net number by more than a kopeck of rounding.
function deferredBeside(
  net: Decimal,
  cash: string | undefined,
  { amount, purchasePoints: had }: RefundAsk,
): Decimal | undefined {
  if (cash === undefined || had?.discounted !== false) return undefined;
  const beside = exact(amount.amount).minus(exact(cash).abs());
  return beside.minus(net).gt(ROUNDING) && beside.lte(had.redeemed) ? beside : undefined;
}

// UDS: total = cash + points + discount. The rest beside the money is points if the sale had no discount, or if that rest is
// zero or equals the net number.
function byMoney(
  net: Decimal,
  cash: string | undefined,
  { amount, purchasePoints: had }: RefundAsk,
): Decimal | undefined {
  if (cash === undefined) return undefined;
  const beside = exact(amount.amount).minus(exact(cash).abs());
  if (had && beside.gt(had.redeemed)) return undefined;
  if (had?.earned !== undefined && beside.minus(net).gt(had.earned)) return undefined;
  return had?.discounted === false || beside.isZero() || beside.equals(net) ? beside : undefined;
}

// Warnings where the figures of a reversal contradict its amount or the sale: it remains a success, but a person should check it.
function contradictions({ cash, points, state }: LedgerEntry, refund: RefundAsk): Warning[] {
  const beside = cash === undefined ? undefined : exact(refund.amount.amount).minus(exact(cash).abs());
  const otherMoney = beside !== undefined && isOtherMoney(beside, refund);
  const left = otherMoney ? undefined : beside;
  // An answer of 2020 tells no state, and it is documented nowhere what the sign of its points says.
  const isSigned = state === 'reversal' && points !== undefined;
  const otherPoints = isSigned && areOtherPoints(exact(points), left, refund);
  return [
    ...(otherMoney ? [contradiction('cash', cash!)] : []),
    ...(otherPoints ? [contradiction('points', points)] : []),
  ];
}

const contradiction = (name: string, theirs: string): Warning =>
  figuresDiffer(
    `The value of \`${name}\` booked by UDS contradicts the amount of the refund or its sale: ${theirs}.`,
    '/amount',
  );

// The last of several refunds also returns what the others were rounded by.
const slackOf = ({ knownRefundIds = [] }: RefundAsk): number => ROUNDING * (1 + knownRefundIds.length);

// More than the amount, or less than it leaves beside all the points; a whole sale without discount gives back what was paid.
function isOtherMoney(beside: Decimal, refund: RefundAsk): boolean {
  const slack = slackOf(refund);
  const { full, purchasePoints: had } = refund;
  if (beside.lt(-slack)) return true;
  if (had?.discounted !== false) return false;
  const more = beside.minus(had.redeemed);
  return more.gt(slack) || (full && more.lt(-slack));
}

// More than is left beside the money or was redeemed, or fewer than the earned ones explain; earned ones of 0 may be deferred.
function areOtherPoints(net: Decimal, beside: Decimal | undefined, refund: RefundAsk): boolean {
  const slack = slackOf(refund);
  const { amount, purchasePoints: had } = refund;
  if (net.minus(beside ?? amount.amount).gt(slack)) return true;
  if (!had) return false;
  if (net.minus(had.redeemed).gt(slack)) return true;
  const mayBeDeferred = had.earned === undefined || exact(had.earned).isZero();
  return !mayBeDeferred && net.plus(had.earned!).lt(-slack);
}
