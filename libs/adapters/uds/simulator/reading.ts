import { Decimal } from 'decimal.js';
import { badField, Refused } from './refused.js';

/** An object in a request body; anything else is refused. */
export function objectOf(value: unknown, field: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw badField(field, 'must be an object', value);
}

/** A request body; refused unless it is a JSON object. */
export function parseBody(text: string): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refused(400, 'badRequest', 'Malformed JSON');
  }
  return objectOf(body, '');
}

/** An amount with at most two decimals; the vendor's own examples send text ("11", "00"), so both are accepted. */
export function amountOf(value: unknown, field: string): Decimal | undefined {
  if (value === undefined || value === null) return undefined;
  const text = typeof value === 'number' ? new Decimal(value).toFixed() : value;
  if (typeof text !== 'string' || !/^\d{1,12}(\.\d{1,2})?$/.test(text))
    throw badField(field, 'must be an amount with two decimals at most', value);
  return new Decimal(text);
}

/** A required amount. */
export function neededAmount(value: unknown, field: string): Decimal {
  const amount = amountOf(value, field);
  if (!amount) throw badField(field, 'must not be null', value);
  return amount;
}

/** A text, or a number as text; empty counts as absent. */
export function textOf(value: unknown, field: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  // The old documentation shows the code unquoted, which loses a leading zero, as it would at the real one.
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value;
  throw badField(field, 'must be a string', value);
}

/** A phone in E.164, or nothing. */
export function phoneOf(value: string | undefined, field: string): string | undefined {
  if (value === undefined || /^\+\d{7,15}$/.test(value)) return value;
  throw badField(field, 'must be a phone in E.164 format', value);
}

/** A whole number of a query, up to `most`. */
export function countOf(text: string | null, field: string, usual: number, most: number): number {
  if (text === null) return usual;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count <= most)) throw badField(field, `must be between 0 and ${most}`, text);
  return count;
}
