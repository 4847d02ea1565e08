import { defineExchange, segment, Unreadable } from '#adapter-kit';
import type { Decimal } from 'decimal.js';
import { exact, floorPoints, money } from '#canonical';
import type { RefundAsk, RefundData } from '#canonical';
import { amount } from './amounts.js';
import { contentOf } from './content.js';
import { readEntry } from './operation.js';
import type { LedgerEntry } from './operation.js';
import { udsRequest } from './request.js';

/** `POST /operations/{id}/refund`: takes no key, and a second partial refund is a second refund, so never repeated. */
export const createRefund = defineExchange<RefundAsk, RefundData>({
  name: 'createRefund',
  call: 'POST /operations/{id}/refund',
  retryClass: 'unsafe',
  // "Not found" is UDS's operation, not the purchase that our caller named: that one exists, and UDS refuses to refund it.
  errors: { notFound: 'provider-rejected' },
  request: (refund, context) =>
    udsRequest(
      {
        method: 'POST',
        path: `/operations/${segment(refund.providerOperationId)}/refund`,
        // UDS: full = no `partialAmount`; 0 or null in its place were taken for other things.
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

// Given back is what the reversal says, and a person settles what is not what was asked: after a refund in the cabinet
// of UDS, for one, "all of it" is only the rest.
function refuseOther({ id, total }: LedgerEntry, { providerOperationId, amount: asked }: RefundAsk): void {
  if (id === undefined) throw new Unreadable('/id', 'is missing');
  if (id === providerOperationId) throw new Unreadable('/id', 'is the sale’s own, and no reversal’s');
  if (total !== undefined && !exact(total).abs().equals(asked.amount))
    throw new Unreadable('/total', `is ${total}, and ${asked.amount} was to be given back`);
}

/** A reversal in canonical words; UDS splits the amount into money and points itself and writes what goes out as negative. */
export function refundOf({ id, cash, points }: LedgerEntry, refund: RefundAsk): RefundData {
  const { currency } = refund.amount;
  return {
    returnedMoney: cash === undefined ? undefined : money(exact(cash).abs(), currency),
    ...(points === undefined ? {} : pointsOf(exact(points), cash, refund)),
    providerOperationId: id,
  };
}

// UDS writes one number: redeemed points that come back are positive, earned ones that go are negative.
function pointsOf(net: Decimal, cash: string | undefined, refund: RefundAsk): Partial<RefundData> {
  const returned = returnedOf(net, cash, refund);
  return {
    netPoints: net.toFixed(),
    ...(returned && {
      returnedPoints: floorPoints(returned.toFixed()),
      reversedEarnedPoints: floorPoints(returned.minus(net).toFixed()),
    }),
  };
}

// How many came back, where the sale or the money tells; never fewer than none, nor than the one number says.
function returnedOf(net: Decimal, cash: string | undefined, refund: RefundAsk): Decimal | undefined {
  const returned = bySale(net, refund) ?? byMoney(net, cash, refund);
  return returned?.gte(0) && returned.gte(net) ? returned : undefined;
}

function bySale(net: Decimal, { full, purchasePoints: had }: RefundAsk): Decimal | undefined {
  if (!had) return undefined;
  const [redeemed, earned] = [exact(had.redeemed), exact(had.earned)];
  if (redeemed.isZero()) return redeemed;
  if (earned.isZero()) return net;
  return full && redeemed.minus(earned).equals(net) ? redeemed : undefined;
}

// UDS: total = cash + points + discount. What came back beside the money is points where the sale had no discount, and where
// it is nothing, or just what the one number says.
function byMoney(
  net: Decimal,
  cash: string | undefined,
  { amount, purchasePoints: had }: RefundAsk,
): Decimal | undefined {
  if (cash === undefined) return undefined;
  const beside = exact(amount.amount).minus(exact(cash).abs());
  if (had && (beside.gt(had.redeemed) || beside.minus(net).gt(had.earned))) return undefined;
  return had?.discounted === false || beside.isZero() || beside.equals(net) ? beside : undefined;
}
