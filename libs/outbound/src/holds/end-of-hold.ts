import type { OpenConnection } from '../connections/connection.js';
import { holdTraits } from './doubtful-holds.js';

/** The stored skew may be this much (ms) behind the provider's clock. */
const STALE_SKEW_MS = 1_500;
/** A provider that counts in whole seconds may cut so much (ms) off the length that was asked for. */
const CUT_OFF_MS = 1_000;

/** When the hold that was asked for ends at the latest by its length: a provider that counts in minutes rounds up. */
export function longestEnd(connection: OpenConnection, sentAt: Date, durationSeconds: number): Date {
  const step = holdTraits(connection)?.stepSeconds ?? 1;
  return new Date(sentAt.getTime() + Math.ceil(durationSeconds / step) * step * 1_000);
}

/** The provider's end of a hold in OUR clock, never later than it truly is: by the clock that its answer told. Where none was told, the length that was asked for, less a second, is the latest. */
export function endOfHold(connection: OpenConnection, until: Date, longest: Date): Date {
  const { freshSkewMs, clockSkewMs } = connection;
  if (freshSkewMs !== undefined) return new Date(until.getTime() - freshSkewMs);
  const margin = clockSkewMs === 0 ? 0 : STALE_SKEW_MS;
  return new Date(Math.min(until.getTime() - clockSkewMs - margin, longest.getTime() - CUT_OFF_MS));
}
