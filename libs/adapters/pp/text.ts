import { decodeHTMLStrict } from 'entities';
import type { Reader } from '#adapter-kit';

/**
 * A text as it was before the site escaped it for HTML. Only entities with their semicolon: `a=1&copy=2` is a query,
 * not a copyright sign. The Cyrillic look-alikes that the site puts into words like `select` stay: they cannot be
 * distinguished from real ones.
 */
export const textOf = (field: Reader): string | undefined => {
  // PHP prints `false` as an empty text.
  const text = field.value === false ? undefined : field.text();
  return text === undefined ? undefined : decodeHTMLStrict(text);
};

const isoLike = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?$/;
const russian = /^(\d\d)\.(\d\d)\.(\d{4})[ ,]+(\d\d):(\d\d)(?::(\d\d))?$/;

/**
 * The time of a row: the site's local time written as UTC, since the site's offset is unknown (server source: WordPress
 * sets PHP to UTC and writes local time). Up to 14 hours from the real time.
 */
export function wallClock(row: Reader): string | undefined {
  const seconds = row.at('time').text() ?? '';
  if (/^\d{9,11}(\.\d+)?$/.test(seconds)) return new Date(Number(seconds) * 1000).toISOString();
  const date = row.at('date').text()?.trim() ?? '';
  const [, day, month, year, ...clock] = russian.exec(date) ?? [];
  const parts = day ? [year, month, day, ...clock] : isoLike.exec(date)?.slice(1);
  if (!parts) return undefined;
  const [y, m, d, hour, minute, second = '00'] = parts;
  const time = new Date(`${y}-${m}-${d}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
