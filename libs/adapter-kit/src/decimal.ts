import { Decimal } from 'decimal.js';

// A number with a longer exponent is not an amount, and written out it would exhaust the memory.
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?$/i;
const IN_THREES = /^[+-]?[1-9]\d{0,2}(,\d{3})+$/;

// Our own amounts have at most 15 digits before the point: one with more could not be shown.
const TOO_MUCH = 1e15;

/** A plain decimal from a provider's numeric text (`"25.0000"`, `"0%"`, `1e+06`, `"1 234,5"`, `"1,234.50"`); `undefined` for anything else, for "1,250", which is two numbers, and for more than any amount. */
export function decimalOf(text: string): string | undefined {
  const number = pointed(text.replace(/\s/g, '').replace(/%$/, ''));
  if (number === undefined || !NUMBER.test(number)) return undefined;
  const value = meant(new Decimal(number));
  return value.abs().lt(TOO_MUCH) ? value.toFixed() : undefined;
}

// Ambiguous: PHP's `number_format` writes a thousand as "1,000", while in many countries that is one.
function pointed(text: string): string | undefined {
  const [whole = '', fraction] = text.split('.');
  if (!IN_THREES.test(whole)) return text.replace(',', '.');
  const surely = fraction !== undefined || whole.split(',').length > 2;
  return surely ? text.replaceAll(',', '') : undefined;
}

/** Removes the rounding error of a double (`99.989999999999995`): points are rounded down, so it would cost a hundredth. */
function meant(value: Decimal): Decimal {
  const short = value.toSignificantDigits(15);
  return short.precision() <= 12 ? short : value;
}
