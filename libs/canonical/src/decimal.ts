import { Decimal } from 'decimal.js';

/**
 * Decimal arithmetic for amounts: 60 significant digits (the library's default of 20 would lose the kopecks of
 * large products), half-up, and never an exponent in the text.
 */
export const Exact = Decimal.clone({
  precision: 60,
  rounding: Decimal.ROUND_HALF_UP,
  toExpNeg: -60,
  toExpPos: 60,
  defaults: true,
});

/** Parses a decimal from our own text or a provider's JSON number; throws a RangeError for anything not finite. */
export function exact(value: string | number | Decimal): Decimal {
  let read: Decimal;
  try {
    read = new Exact(typeof value === 'string' ? value.trim() : value);
  } catch {
    throw new RangeError(`Not a decimal number: ${JSON.stringify(value)}`);
  }
  if (!read.isFinite()) throw new RangeError(`Not a finite number: ${String(value)}`);
  return read;
}

/** Plain decimal text without exponent, trailing zeros or a negative zero: "40", "40.5". */
export function plainText(value: Decimal): string {
  return value.toFixed();
}
