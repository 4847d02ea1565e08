import { refusalAt } from './refusal.js';

const dayMs = 86_400_000;
const longestRangeMs = 366 * dayMs;
const dateForm = /^(\d{4})-(\d{2})-(\d{2})$/;
const timeForm = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:[Zz]|[+-](\d{2}):(\d{2}))$/;

/** RFC 3339 in UTC with milliseconds and `Z`. */
export function utcText(time: Date): string {
  return time.toISOString();
}

/** The UTC calendar day: `2026-11-21`. */
export function utcDay(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** Midnight UTC of a `YYYY-MM-DD` date that exists; undefined for `2026-02-30`, `2000-01-00` and the like. */
export function readDate(text: string): Date | undefined {
  if (!dateForm.test(text)) return undefined;
  const time = new Date(`${text}T00:00:00Z`);
  // Date.parse rolls some impossible days over instead of refusing them.
  return !Number.isNaN(time.getTime()) && utcDay(time) === text ? time : undefined;
}

/** The time of an RFC 3339 date-time; undefined without an offset or if the day does not exist. */
export function readTime(text: string): Date | undefined {
  const found = timeForm.exec(text);
  if (!found || !readDate(found[1]!)) return undefined;
  const [hour, minute, second, offsetHour = 0, offsetMinute = 0] = found
    .slice(2)
    .map(part => Number(part ?? 0));
  if (hour! > 23 || minute! > 59 || second! > 59 || offsetHour > 23 || offsetMinute > 59) return undefined;
  return new Date(text.toUpperCase());
}

/**
 * A provider's date or date-time for our answers: a date-time with an offset, or unix seconds or milliseconds, becomes
 * UTC; everything else (a date without a time, a local time, `2000-01-00`) stays text.
 */
export function providerTime(text: string): string {
  const time = readTime(text.trim()) ?? unixTime(text.trim());
  return time ? utcText(time) : text;
}

const unixTime = (text: string): Date | undefined =>
  /^\d{10}(\d{3})?$/.test(text) ? new Date(Number(text.padEnd(13, '0'))) : undefined;

/** The period that a list is limited to; both ends are inclusive. */
export type Range = { from?: Date; to?: Date };

/**
 * Parses `from` and `to` of a query: a date is its whole UTC day, and the period is at most 366 days. Throws 400
 * `invalid-parameter` for an invalid date, 422 `validation-failed` for a wrong order or a longer period.
 */
export function readRange(from: string | undefined, to: string | undefined): Range {
  const start = from === undefined ? undefined : readEnd('from', from);
  const end = to === undefined ? undefined : readEnd('to', to);
  if (start && end && start > end) throw refusalAt('/query/from', '`from` is after `to`.');
  if (start && end && end.getTime() - start.getTime() > longestRangeMs) {
    throw refusalAt('/query/from', '`from` and `to` cover more than 366 days; request a shorter range.');
  }
  return { ...(start && { from: start }), ...(end && { to: end }) };
}

function readEnd(name: 'from' | 'to', text: string): Date {
  const date = readDate(text);
  if (date) return name === 'to' ? new Date(date.getTime() + dayMs - 1) : date;
  const time = readTime(text);
  if (time) return time;
  const detail = `\`${name}\` must be a date (2026-11-21) or a date-time of RFC 3339 (2026-11-21T10:00:00Z; write a plus as %2B).`;
  throw refusalAt(`/query/${name}`, detail, 'invalid-parameter');
}
