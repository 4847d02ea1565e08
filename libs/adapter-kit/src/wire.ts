import { Decimal } from 'decimal.js';
import type { WireRequest } from './exchange.js';

/** Whether a JSON number, which is a double, holds a decimal exactly. */
export const fitsNumber = (decimal: string): boolean =>
  Number.isFinite(Number(decimal)) && new Decimal(Number(decimal)).equals(decimal);

/** A decimal text as the JSON number that some providers require; throws unless it `fitsNumber`. */
export function wireNumber(decimal: string): number {
  if (!fitsNumber(decimal)) throw new RangeError(`${decimal} does not fit a JSON number`);
  return Number(decimal);
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
