import { Decimal } from 'decimal.js';
import type { WireRequest } from './exchange.js';

/** A decimal text as the JSON number that some providers demand; throws when a double cannot hold it exactly. */
export function wireNumber(decimal: string): number {
  const number = Number(decimal);
  if (!Number.isFinite(number) || !new Decimal(number).equals(decimal))
    throw new RangeError(`${decimal} does not fit a JSON number`);
  return number;
}

/** The query part with its `?`, or '' when nothing is set: RFC 3986 strictly, so that `+` never means a space. */
export function queryString(query: WireRequest['query']): string {
  const parts = Object.entries(query ?? {})
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([key, value]) => `${strict(key)}=${strict(value)}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** A form body with the same strictness. */
export const formBody = (form: NonNullable<WireRequest['form']>): string => queryString(form).slice(1);

/** One path segment from a value that is not ours. */
export const segment = (value: string): string => strict(value);

const strict = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
