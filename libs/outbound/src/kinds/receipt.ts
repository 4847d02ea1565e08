import { compareMoney, fieldRefusal, isZeroMoney, isZeroPoints } from '#canonical';
import type { Receipt } from '#canonical';

/** Whether the buyer pays a part of it with points. */
export const spends = ({ redeemPoints }: Receipt): boolean => !isZeroPoints(redeemPoints ?? '0');

/** What is sold has a price; else as `assertParts`. */
export function assertReceipt(receipt: Receipt): void {
  if (isZeroMoney(receipt.total))
    throw fieldRefusal('/receipt/total/amount', 'The total of a receipt must be more than 0.');
  assertParts(receipt);
}

/** Sums of one receipt must be in one currency, and no part larger than the whole. */
export function assertParts(receipt: Receipt): void {
  const { total } = receipt;
  for (const part of ['excludedTotal', 'unredeemableTotal', 'expectedPayable'] as const) {
    const sum = receipt[part];
    if (!sum) continue;
    if (sum.currency !== total.currency)
      throw fieldRefusal(`/receipt/${part}/currency`, `The receipt is in ${total.currency}.`);
    if (compareMoney(sum, total) > 0)
      throw fieldRefusal(`/receipt/${part}/amount`, 'It cannot be more than the total.');
  }
}
