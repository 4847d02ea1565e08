import { compareMoney, isZeroMoney, refusalAt, roundMoney } from '#canonical';
import type { HeldPoints, Money, Receipt, Refusal } from '#canonical';
import { fitsNumber } from '#adapter-kit';
import type { LoyalClientSettings } from './settings.js';

/** The point of sale, which every call needs; throws `location-unknown` if neither the request nor the connection has one. */
export function pointOf(locationId: string | undefined, { defaultPoint }: LoyalClientSettings): string {
  const point = locationId ?? defaultPoint;
  if (point !== undefined) return point;
  throw refusalAt(
    '/locationId',
    'LoyalClient requires a point of sale in every call: send `locationId`, or set `defaultPoint` in the connection’s settings.',
    'location-unknown',
  );
}

/** Throws for a receipt that LoyalClient would calculate wrongly or cannot represent. */
export function requireSupportedReceipt(
  receipt: Pick<Receipt, 'total' | 'excludedTotal' | 'unredeemableTotal'>,
  { currency }: LoyalClientSettings,
): void {
  const { total } = receipt;
  if (total.currency !== currency)
    throw refusalAt(
      '/receipt/total/currency',
      `This connection uses ${currency}; LoyalClient’s calls have no field for another currency.`,
    );
  requireExactNumber('/receipt/total/amount', total.amount);
  for (const name of ['excludedTotal', 'unredeemableTotal'] as const) {
    const part = receipt[name];
    // If it were ignored, points would be earned or redeemed on goods that the merchant excludes from the program.
    if (part && !isZeroMoney(part))
      throw refusalAt(
        `/receipt/${name}`,
        `LoyalClient takes only one sum per receipt and has no field for \`${name}\`; sell those goods on a separate receipt.`,
        'unsupported-field',
      );
  }
}

/** Throws for a hold of another client: what `retail` does with it is not documented. */
export function requireOwnHolds(holds: readonly HeldPoints[], clientId: string): void {
  const others = holds.findIndex(({ holder }) => (holder?.['clientId'] ?? clientId) !== clientId);
  if (others < 0) return;
  const detail = 'The hold reserves another client’s points; name only the buyer’s own holds, or none.';
  throw refusalAt(`/holdIds/${others}`, detail);
}

/** Throws for an amount or points that a JSON number cannot hold exactly: refused, never sent a kopeck off. */
export function requireExactNumber(pointer: string, decimal: string): void {
  if (!fitsNumber(decimal))
    throw refusalAt(
      pointer,
      'LoyalClient takes amounts as JSON numbers, which cannot hold this many digits.',
    );
}

/** A client whose level gives a discount has no points (documented: the balance is always 0). */
export function noPointsToRedeem(): Refusal {
  const detail = 'The client’s level gives a discount instead of points, so there is nothing to redeem.';
  return refusalAt('/receipt/redeemPoints', detail, 'redeem-limit-exceeded', { maxRedeemPoints: '0' });
}

/** The till expects another amount than the calculated one. */
export function otherPayable({ expectedPayable, total }: Receipt, payable: Money): Refusal {
  // Only rounding can exceed the total of the receipt, and no till may expect that.
  const way =
    compareMoney(payable, total) > 0
      ? 'LoyalClient rounds this total: send a whole amount, or omit `expectedPayable`.'
      : 'Request a quote and send its amounts.';
  const detail = `The till expects ${roundMoney(expectedPayable!).amount}, but the amount to pay is ${payable.amount}. ${way}`;
  return refusalAt('/receipt/expectedPayable', detail, 'amount-mismatch');
}
