/** The longest pause that a receiver may ask for, in milliseconds: the longest wait of the schedule. */
export const MAX_RETRY_AFTER_MS = 24 * 3600 * 1_000;

/** The pause that a `Retry-After` header asks for, in milliseconds: seconds or a date, at most a day; 0 if it is absent or invalid. */
export function readRetryAfterMs(header: string | undefined, now: Date): number {
  const text = header?.trim() ?? '';
  const asked = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now.getTime();
  return asked > 0 ? Math.min(asked, MAX_RETRY_AFTER_MS) : 0;
}
