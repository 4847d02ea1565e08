import type { Decimal } from 'decimal.js';
import { fitsNumber, wireNumber } from '#adapter-kit';
import { exact, money, plainText, refusalAt, scaleOf } from '#canonical';
import type { Money, Receipt } from '#canonical';

/** A decimal text as the JSON number that UDS requires; refuses one that a JSON number cannot hold. */
export function amount(decimal: string, pointer: string): number {
  if (!fitsNumber(decimal)) throw refusalAt(pointer, 'The amount has more digits than UDS can take.');
  return wireNumber(decimal);
}

/** A decimal text for a query, without exponent and trailing zeros. */
export const queryAmount = (decimal: string): string => plainText(exact(decimal));

const HUNDREDTHS = 2;

/** By how much UDS may round an amount or its points. */
export const ROUNDING = 0.01;

/** A sum as UDS calculates it: in hundredths, also in yen. Rounded to the currency any earlier, the sums would not satisfy its checksum. */
export function udsSum(sum: Decimal, currency: string): Money {
  const value = sum.toDecimalPlaces(Math.max(HUNDREDTHS, scaleOf(currency).kept));
  return { amount: value.toFixed(Math.max(HUNDREDTHS, value.decimalPlaces())), currency };
}

/** The part of the total that is neither paid nor redeemed, from the sums as they are shown: in yen, each of them is rounded. */
export function discountOf(total: Money, payable: Money, redeemed: string): Money {
  const rest = exact(total.amount).minus(payable.amount).minus(redeemed);
  return money(rest.isNegative() ? 0 : rest, total.currency);
}

/** The excluded and unredeemable parts of a receipt, if any, by their names in UDS. */
export function partsOf({
  excludedTotal,
  unredeemableTotal,
}: Pick<Receipt, 'excludedTotal' | 'unredeemableTotal'>) {
  const parts: { skipLoyaltyTotal?: string; unredeemableTotal?: string } = {};
  if (isSome(excludedTotal?.amount)) parts.skipLoyaltyTotal = excludedTotal!.amount;
  if (isSome(unredeemableTotal?.amount)) parts.unredeemableTotal = unredeemableTotal!.amount;
  return parts;
}

const isSome = (decimal: string | undefined): boolean => decimal !== undefined && !exact(decimal).isZero();
