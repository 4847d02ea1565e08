import { Decimal } from 'decimal.js';
import type { WireRequest } from './exchange.js';

/** A decimal text as the JSON number that some providers require; throws if a double cannot hold it exactly. */
export function wireNumber(decimal: string): number {
  const number = Number(decimal);
  if (!Number.isFinite(number) || !new Decimal(number).equals(decimal))
    throw new RangeError(`${decimal} does not fit a JSON number`);
  return number;
}

/** The query with its `?`, or '' if nothing is set, strictly by RFC 3986: `+` never means a space. */
export function queryString(query: WireRequest['query']): string {
  const parts = Object.entries(query ?? {})
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([key, value]) => `${strict(key)}=${strict(value)}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** A form body with the same strictness. */
export const formBody = (form: NonNullable<WireRequest['form']>): string => queryString(form).slice(1);

/** A value as one percent-encoded path segment. */
export const segment = (value: string): string => strict(value);

const strict = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
