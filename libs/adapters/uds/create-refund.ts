import { defineExchange, reader, segment, Unreadable } from '#adapter-kit';
import { exact, floorPoints, money } from '#canonical';
import type { Money, RefundAsk, RefundData } from '#canonical';
import { amount } from './amounts.js';
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
    const entry = readEntry(reader(body));
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
  return {
    returnedMoney: cash === undefined ? undefined : positive(cash, refund.amount.currency),
    ...(points === undefined ? {} : splitPoints(points, refund)),
    providerOperationId: id,
  };
}

const positive = (cash: string, currency: string): Money => money(exact(cash).abs(), currency);

// UDS writes one number: redeemed points that come back are positive, earned ones that go are negative. Where a
// purchase had both, a full refund can be told apart; of a part nobody knows how UDS rounded.
function splitPoints(
  points: string,
  { full, purchasePoints: had }: RefundAsk,
): Pick<RefundData, 'returnedPoints' | 'reversedEarnedPoints'> {
  if (full && had && exact(had.redeemed).minus(had.earned).equals(points))
    return { returnedPoints: had.redeemed, reversedEarnedPoints: had.earned };
  if (exact(points).isZero()) return {};
  return exact(points).isNegative()
    ? { reversedEarnedPoints: floorPoints(exact(points).abs().toFixed()) }
    : { returnedPoints: floorPoints(points) };
}
