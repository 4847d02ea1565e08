import { Decimal } from 'decimal.js';
import { written } from './canonical-form.js';
import { exact, plainText } from './decimal.js';
import { Field, type FieldOptions } from './fields.js';
import { textRule, unacceptable, type Rule } from './rules.js';

/** Loyalty points as a plain decimal with at most 2 places and no trailing zeros: "40", "40.5". */
export type Points = string;

// Spendable points are never rounded up: a hundredth too much is refused by UDS as insufficientFunds.
const floored = (value: Decimal): Points => plainText(value.toDecimalPlaces(2, Decimal.ROUND_FLOOR));

/** Canonical points from our text or a provider's number, rounded DOWN to 2 places; throws a RangeError for anything else. */
export function floorPoints(value: string | number): Points {
  return floored(exact(value));
}

/** The points that may be redeemed of a provider's number, rounded DOWN; of a debt, none. */
export function redeemablePoints(value: string | number): Points {
  const points = floorPoints(value);
  return comparePoints(points, '0') < 0 ? '0' : points;
}

/** The sum, in points. */
export function addPoints(...values: Points[]): Points {
  return floored(values.reduce((sum, value) => sum.plus(exact(value)), exact(0)));
}

/** The difference, in points; may be negative. */
export function subtractPoints(from: Points, points: Points): Points {
  return floored(exact(from).minus(exact(points)));
}

/** The points with the opposite sign. */
export function negatePoints(points: Points): Points {
  return floored(exact(points).negated());
}

/** -1, 0 or 1 as `a` is less than, equal to or more than `b`. */
export function comparePoints(a: Points, b: Points): -1 | 0 | 1 {
  return exact(a).comparedTo(exact(b)) as -1 | 0 | 1;
}

/** Whether there are none. */
export function isZeroPoints(points: Points): boolean {
  return exact(points).isZero();
}

/** The smallest of several. */
export function leastPoints(first: Points, ...others: Points[]): Points {
  return others.reduce((least, points) => (comparePoints(points, least) < 0 ? points : least), first);
}

/** Points in a request: a decimal string, not negative unless `sign` is 'any'. */
export function pointsRule(sign: 'positive' | 'zero' | 'any'): Rule {
  return textRule(text => {
    if (!/^-?(0|[1-9]\d{0,14})(\.\d{1,40})?$/.test(text)) {
      return unacceptable(
        'Expected points as a plain decimal with at most 15 digits before its point, like "40" or "40.5".',
      );
    }
    if ((text.split('.')[1]?.length ?? 0) > 2) {
      return { code: 'amount-scale', detail: 'Points have at most 2 decimal places; round them down.' };
    }
    const value = exact(text);
    if (sign !== 'any' && value.lessThan(0)) return unacceptable('Points cannot be negative here.');
    if (sign === 'positive' && value.isZero()) return unacceptable('Expected more than 0 points.');
    return undefined;
  }, 'points as a decimal string, like "40"');
}

/** Points of a balance or an answer; `sign` limits what a request may contain ('zero' = zero or more). */
export function IsPoints(
  options: FieldOptions & { sign?: 'positive' | 'zero' | 'any' } = {},
): PropertyDecorator {
  const { sign = 'any', ...said } = options;
  const pattern = sign === 'any' ? '^-?\\d{1,15}(\\.\\d{1,2})?$' : '^\\d{1,15}(\\.\\d{1,2})?$';
  const field = Field({ example: '40', ...said }, { type: 'string', pattern }, pointsRule(sign));
  return written(field, floorPoints);
}
