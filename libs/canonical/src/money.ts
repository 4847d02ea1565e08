import { Decimal } from 'decimal.js';
import { WrittenAs } from './canonical-form.js';
import { currencyPattern, scaleOf } from './currency.js';
import { exact, plainText } from './decimal.js';
import { Check, Field, type FieldOptions } from './fields.js';
import { IsPart } from './parts.js';
import type { Percent } from './percent.js';
import { floorPoints, type Points } from './points.js';
import { part, textRule, unacceptable, wrongType, type Fault, type Rule } from './rules.js';

// More places than any currency keeps: a till may send a third of 100 with fifteen, and gets an error that says what is wrong with it.
const amountForm = /^-?(0|[1-9]\d{0,14})(\.\d{1,40})?$/;

const amountIsText: Rule = value => {
  if (typeof value === 'number') return numberForMoney('"1234.56"');
  return textRule(text =>
    amountForm.test(text)
      ? undefined
      : unacceptable('Expected a plain decimal with at most 15 digits before its point, like "1234.56".'),
  )(value, {});
};

const amountFitsCurrency: Rule = (value, owner) => {
  const { currency } = owner as Money;
  if (typeof value !== 'string' || !amountForm.test(value) || typeof currency !== 'string') return undefined;
  const places = value.split('.')[1]?.length ?? 0;
  const { kept } = scaleOf(currency);
  if (places <= kept) return undefined;
  return {
    code: 'amount-scale',
    detail: `${currency} has ${kept} decimal places, the amount has ${places}.`,
  };
};

const currencyCode: Rule = textRule(text =>
  currencyPattern.test(text) ? undefined : unacceptable('Expected a currency code in capitals, like "RUB".'),
);

function numberForMoney(example: string): Fault {
  const detail = `The amount must be a decimal string like ${example}: a JSON number would be rounded on its way.`;
  return { code: 'money-not-string', detail };
}

/** An amount in a currency, exact: the amount is a decimal string in the currency's own scale. */
export class Money {
  @Field(
    { description: 'Decimal string in the scale of the currency; never a JSON number.', example: '1234.56' },
    { type: 'string', pattern: '^-?(0|[1-9]\\d{0,14})(\\.\\d{1,12})?$' },
    amountIsText,
  )
  @Check('scale', amountFitsCurrency)
  @WrittenAs((_, owner) => roundMoney(owner as Money).amount)
  amount!: string;

  @Field(
    { description: 'ISO 4217; under PP, also the site’s own code (PMUSD).', example: 'RUB' },
    { type: 'string', pattern: currencyPattern.source },
    currencyCode,
  )
  currency!: string;
}

/** Money in a body; `sign` limits what a request may contain ('zero' = zero or more; otherwise it may be negative). */
export function IsMoney(
  options: FieldOptions & { sign?: 'positive' | 'zero' | 'any' } = {},
): PropertyDecorator {
  const { sign = 'any', ...said } = options;
  return IsPart(
    () => Money,
    said,
    value => {
      if (typeof value === 'number') return numberForMoney('{"amount": "1234.56", "currency": "RUB"}');
      if (part(value, {})) return wrongType('{"amount": "1234.56", "currency": "RUB"}', value);
      return signFault(value as Money, sign);
    },
  );
}

function signFault({ amount }: Money, sign: 'positive' | 'zero' | 'any'): Fault | undefined {
  if (sign === 'any' || typeof amount !== 'string' || !amountForm.test(amount)) return undefined;
  const value = exact(amount);
  if (value.lessThan(0)) return unacceptable('The amount cannot be negative.', '/amount');
  if (sign === 'positive' && value.isZero())
    return unacceptable('The amount must be more than 0.', '/amount');
  return undefined;
}

/**
 * Canonical money from our text or a provider's JSON number: rounded half-up (away from zero) to the currency's scale
 * and written with all its places, "1234.56". Throws a RangeError for an invalid number or currency.
 */
export function money(amount: string | number | Decimal, currency: string): Money {
  if (!currencyPattern.test(currency))
    throw new RangeError(`Not a currency code: ${JSON.stringify(currency)}`);
  const { shown, kept } = scaleOf(currency);
  const value = exact(amount).toDecimalPlaces(kept, Decimal.ROUND_HALF_UP);
  return {
    amount: value.toFixed(Math.max(shown, value.decimalPlaces())),
    currency,
  };
}

/** The same rounded down: a balance never looks like more than it is. */
export function floorMoney(amount: string | number | Decimal, currency: string): Money {
  return money(exact(amount).toDecimalPlaces(scaleOf(currency).kept, Decimal.ROUND_FLOOR), currency);
}

/** The same money in canonical form; throws a RangeError like `money`. */
export function roundMoney({ amount, currency }: Money): Money {
  return money(amount, currency);
}

/** A zero amount in a currency. */
export function zeroMoney(currency: string): Money {
  return money(0, currency);
}

/** The sum; throws a RangeError if the currencies differ. */
export function addMoney(first: Money, ...others: Money[]): Money {
  return money(
    others.reduce((sum, other) => sum.plus(amountIn(first.currency, other)), exact(first.amount)),
    first.currency,
  );
}

/** The difference, which may be negative; throws a RangeError if the currencies differ. */
export function subtractMoney(from: Money, other: Money): Money {
  return money(exact(from.amount).minus(amountIn(from.currency, other)), from.currency);
}

/** -1, 0 or 1 as `a` is less than, equal to or more than `b`; throws a RangeError if the currencies differ. */
export function compareMoney(a: Money, b: Money): -1 | 0 | 1 {
  return exact(a.amount).comparedTo(amountIn(a.currency, b)) as -1 | 0 | 1;
}

/** Whether the amount is zero. */
export function isZeroMoney({ amount }: Money): boolean {
  return exact(amount).isZero();
}

/** Whether the amount is negative. */
export function isNegativeMoney({ amount }: Money): boolean {
  return exact(amount).lessThan(0);
}

/** That share of the money, rounded half-up to the currency's scale. */
export function percentOf({ amount, currency }: Money, share: Percent): Money {
  return money(exact(amount).times(exact(share)).dividedBy(100), currency);
}

/** That share of the money as points (one unit of money = one point), rounded DOWN to 2 places. */
export function percentAsPoints({ amount }: Money, share: Percent): Points {
  return floorPoints(plainText(exact(amount).times(exact(share)).dividedBy(100)));
}

/** Points as money, where the provider counts one point as one unit of money; half-up to the currency's scale. */
export function pointsAsMoney(points: Points, currency: string): Money {
  return money(points, currency);
}

/** Money as points, one unit of money = one point, rounded DOWN to 2 places. */
export function moneyAsPoints({ amount }: Money): Points {
  return floorPoints(amount);
}

function amountIn(currency: string, other: Money): Decimal {
  if (other.currency !== currency)
    throw new RangeError(`${other.currency} and ${currency} cannot be combined.`);
  return exact(other.amount);
}
