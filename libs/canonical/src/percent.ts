import { written } from './canonical-form.js';
import { exact, plainText } from './decimal.js';
import { Field, type FieldOptions } from './fields.js';
import { textRule, unacceptable, type Rule } from './rules.js';

/** A percentage as a plain decimal without trailing zeros: "10" = 10 %. */
export type Percent = string;

/** Canonical percent from our text or a provider's number ("7.50" → "7.5"); throws a RangeError for anything else. */
export function percent(value: string | number): Percent {
  return plainText(exact(value));
}

/** A decimal string: percentages, rates, coefficients. */
export const decimalRule: Rule = textRule(
  text =>
    /^-?(0|[1-9]\d{0,14})(\.\d{1,12})?$/.test(text)
      ? undefined
      : unacceptable('Expected a plain decimal, like "10" or "7.5".'),
  'a decimal string, like "10"',
);

/** A percentage: "10" = 10 %. */
export function IsPercent(options: FieldOptions = {}): PropertyDecorator {
  return IsDecimal({ example: '10', ...options });
}

/** A decimal number as a string. */
export function IsDecimal(options: FieldOptions = {}): PropertyDecorator {
  const schema = { type: 'string', pattern: '^-?\\d{1,15}(\\.\\d{1,12})?$' };
  return written(Field(options, schema, decimalRule), percent);
}
