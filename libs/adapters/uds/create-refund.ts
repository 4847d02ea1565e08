import { defineExchange, isFailedExchange, segment, send, sendAside, steps, Unreadable } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import type { Decimal } from 'decimal.js';
import { exact, floorPoints, money, Refusal } from '#canonical';
import type { RefundAsk, RefundData } from '#canonical';
import { amount } from './amounts.js';
import { contentOf } from './content.js';
import { getOperation } from './ledger.js';
import { readEntry } from './operation.js';
import type { LedgerEntry } from './operation.js';
import { requireUnrefunded } from './refund-again.js';
import { believed } from './refund-refused.js';
import { udsRequest } from './request.js';
import type { UdsContext } from './request.js';
import { mayUseUndocumented } from './settings.js';

// Our words for these are about a sale: they would advise the cashier to redeem fewer points, or to sell without any. And "not
// found" means the operation of UDS, not the caller's purchase: that one exists, and UDS refuses to refund it.
const aboutSales = [
  'notFound',
  'invalidChecksum',
  'insufficientFunds',
  'discountLimitExceed',
  'withdrawNotPermitted',
  'purchaseByPhoneDisabled',
  'participantIsBlocked',
  'cashierNotFound',
  'receiptExists',
];

/** `POST /operations/{id}/refund`: takes no key, and a second partial refund would be executed, so it is sent again only after a 429, once the ledger shows that none was. */
export const refundOperation = defineExchange<RefundAsk, RefundData>({
  name: 'createRefund',
  call: 'POST /operations/{id}/refund',
  retryClass: 'unsafe',
  doubts429: true,
  errors: Object.fromEntries(aboutSales.map(code => [code, 'provider-rejected' as const])),
  request: (refund, context) =>
    udsRequest(
      {
        method: 'POST',
        path: `/operations/${segment(refund.providerOperationId)}/refund`,
        // UDS: full = no `partialAmount`; 0 and null have been interpreted in other ways.
        json: refund.full ? {} : { partialAmount: amount(refund.amount.amount, '/amount') },
      },
      context,
    ),
  read: ({ body }, refund) => {
    const entry = readEntry(contentOf(body));
    refuseOther(entry, refund);
    return refundOf(entry, refund);
  },
});

/** A refund; its refusal counts unless the ledger contradicts it, and what its answer leaves out is read there. */
export const createRefund = steps<RefundAsk, RefundData>(
  refundOperation,
  function* (ask, context: UdsContext): PlanRun<RefundData> {
    yield* requireUnrefunded(ask, context);
    const told = yield* refunded(ask, context);
    return hasFigures(told) || !mayUseUndocumented(context.settings) ? told : yield* completed(told, ask);
  },
);

function* refunded(ask: RefundAsk, context: UdsContext): PlanRun<RefundData> {
  try {
    return yield* send(refundOperation, ask);
  } catch (error) {
    throw error instanceof Refusal ? yield* believed(error, ask, context) : error;
  }
}

const hasFigures = ({ returnedMoney, netPoints }: RefundData): boolean =>
  returnedMoney !== undefined && netPoints !== undefined;

// The refund is done, whatever the ledger shows: nobody waits for a start in the lane, or with more than one read.
function* completed(told: RefundData, ask: RefundAsk): PlanRun<RefundData> {
  let entry: LedgerEntry;
  try {
    entry = yield* sendAside(getOperation, { id: told.providerOperationId! });
  } catch (error) {
    if (isFailedExchange(error)) return told;
    throw error;
  }
  refuseOther(entry, ask);
  const shown = refundOf(entry, ask);
  return hasFigures(shown) ? shown : told;
}

// The reversal says how much was refunded. If that is not the requested amount, a person settles it: after a partial refund
// in the UDS cabinet, for example, a full refund returns only the rest.
function refuseOther({ id, total }: LedgerEntry, { providerOperationId, amount }: RefundAsk): void {
  if (id === undefined) throw new Unreadable('/id', 'is missing');
  if (id === providerOperationId) throw new Unreadable('/id', 'is the id of the sale, not of a reversal');
  if (total !== undefined && !exact(total).abs().equals(amount.amount))
    throw new Unreadable('/total', `is ${total}, but ${amount.amount} was requested`);
}

/** By how much rounding may part the points from the money. */
const ROUNDING = 0.01;

/** A reversal in canonical terms. UDS splits the amount into money and points itself, and returned amounts are negative. */
export function refundOf({ id, cash, points, cashierName }: LedgerEntry, refund: RefundAsk): RefundData {
  const { currency } = refund.amount;
  return {
    returnedMoney: cash === undefined ? undefined : money(exact(cash).abs(), currency),
    ...(points === undefined ? {} : pointsOf(exact(points), cash, refund)),
    providerOperationId: id,
    cashierName,
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
