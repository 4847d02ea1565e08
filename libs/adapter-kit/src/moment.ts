const ISO =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?) ?(?:(Z)|([+-]\d\d)(?::?(\d\d))?)?)?$/i;
const HTTP = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;
const UNIX = /^\d{9,13}$/;
// Seconds with a fraction (PHP's `microtime`, Python), and .NET's form of a date in JSON.
const UNIX_WITH_FRACTION = /^(\d{9,10})\.(\d{1,9})$/;
const DOT_NET = /^\/Date\((\d{9,13})(?:[+-]\d{4})?\)\/$/;

/** Parses a provider's time: ISO 8601 (UTC if it has no zone), an HTTP date, unix seconds (also with a fraction) or milliseconds, .NET's `/Date(…)/`. `undefined` for anything else, and for a date that does not exist. */
export function momentOf(text: string): Date | undefined {
  // `Date.parse` alone would accept "12", "code 5" and 30 February, and read times without a zone in the host's zone.
  if (UNIX.test(text)) return real(Number(text) * (text.length <= 10 ? 1000 : 1));
  if (UNIX_WITH_FRACTION.test(text)) return real(Math.round(Number(text) * 1000));
  const dotNet = DOT_NET.exec(text);
  if (dotNet) return real(Number(dotNet[1]));
  if (HTTP.test(text)) return real(Date.parse(text));
  const found = ISO.exec(text);
  if (!found) return undefined;
  const [, day = '', clock = '00:00', , hours, minutes] = found;
  if (!real(Date.parse(day))?.toISOString().startsWith(day)) return undefined;
  const zone = hours === undefined ? 'Z' : `${hours}:${minutes ?? '00'}`;
  return real(Date.parse(`${day}T${clock.replace(',', '.')}${zone}`));
}

const real = (ms: number): Date | undefined => (Number.isNaN(ms) ? undefined : new Date(ms));
