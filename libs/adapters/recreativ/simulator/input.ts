import type { SimulatedRequest } from '#adapter-kit/testing';
import { No, invalid } from './answers.js';

type Fields = Record<string, unknown>;

/** The fields of a request's body: JSON, or a form, which Yii accepts as well. */
export function fieldsOf({ body, headers }: SimulatedRequest): Fields {
  if (body === '') return {};
  const kind = headers['content-type'] ?? '';
  if (/x-www-form-urlencoded/.test(kind)) return Object.fromEntries(new URLSearchParams(body));
  if (!/json/.test(kind)) throw new No(415, 'The requested content type is not supported.');
  let read: unknown;
  try {
    read = JSON.parse(body);
  } catch {
    throw new No(400, 'Invalid JSON data in request body: Syntax error.');
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read))
    throw new No(400, 'Invalid JSON data in request body.');
  return read as Fields;
}

/** A required text. */
export function needText(fields: Fields, field: string): string {
  const value = fields[field];
  if (value === undefined || value === '') throw invalid(field, `Необходимо заполнить «${field}».`);
  if (typeof value !== 'string') throw invalid(field, `Значение «${field}» должно быть строкой.`);
  return value;
}

/** A text, or null if it is absent. */
export function text(fields: Fields, field: string): string | null {
  return fields[field] == null || fields[field] === '' ? null : needText(fields, field);
}

/** A decimal as text; `undefined` if it is absent. */
export function decimal(fields: Fields, field: string): string | undefined {
  const value = fields[field];
  if (value === undefined) return undefined;
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '';
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw invalid(field, `Значение «${field}» должно быть числом.`);
  return text;
}

/** Yii's boolean: true, false, 1, 0 and their texts. */
export function flag(fields: Fields, field: string): 0 | 1 {
  const text = String(fields[field]);
  if (!/^(true|false|0|1)$/.test(text))
    throw invalid(field, `Значение «${field}» должно быть равно «1» или «0».`);
  return text === 'true' || text === '1' ? 1 : 0;
}

/** Ids separated by commas; `undefined` if none are requested. */
export const listed = (text: string | null): number[] | undefined =>
  text === null || text === '' ? undefined : text.split(',').map(Number);
