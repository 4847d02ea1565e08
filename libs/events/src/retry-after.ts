/** What a receiver may ask for at most, in milliseconds: as long as the longest wait of the schedule. */
export const LONGEST_WISH_MS = 24 * 3600 * 1_000;

/** How long a `Retry-After` asks to stay away, in milliseconds: seconds or a date, at most a day; 0 for absence and rubbish. */
export function retryAfterMs(header: string | undefined, now: Date): number {
  const text = header?.trim() ?? '';
  const asked = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now.getTime();
  return asked > 0 ? Math.min(asked, LONGEST_WISH_MS) : 0;
}
