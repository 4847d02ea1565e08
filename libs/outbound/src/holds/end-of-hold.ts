import type { OpenConnection } from '../connections/connection.js';
import { holdTraits } from './doubtful-holds.js';

/** The stored skew may be this much (ms) behind the provider's clock. */
const STALE_SKEW_MS = 1_500;
/** A provider that counts in whole seconds may cut so much (ms) off the length that was asked for. */
const CUT_OFF_MS = 1_000;

/** What was asked for, and when (in our clock) its request left. */
interface Asked {
  sentAt: Date;
  durationSeconds: number;
}

/** When the hold that was asked for ends at the latest by its length: a provider that counts in minutes rounds up. */
export function longestEnd(connection: OpenConnection, { sentAt, durationSeconds }: Asked): Date {
  const step = holdTraits(connection)?.stepSeconds ?? 1;
  return new Date(sentAt.getTime() + Math.ceil(durationSeconds / step) * step * 1_000);
}

/** The provider's end of a hold in OUR clock, never later than it truly is: corrected by the clock that this answer told, else by the one that is stored. It is no later than the length that was asked for, less a second; that also stands in for an end before the request was sent. */
export function endOfHold(connection: OpenConnection, until: Date, asked: Asked): Date {
  const { freshSkewMs, clockSkewMs } = connection;
  const margin = clockSkewMs === 0 ? 0 : STALE_SKEW_MS;
  const end = until.getTime() - (freshSkewMs ?? clockSkewMs + margin);
  const latest = longestEnd(connection, asked).getTime() - CUT_OFF_MS;
  // `Date` may be a proxy's, and `until` that of a server behind it whose clock is off.
  return new Date(end > asked.sentAt.getTime() ? Math.min(end, latest) : latest);
}
