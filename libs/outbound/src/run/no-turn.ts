import type { ExchangeOutcome } from '../calls/exchange.js';
import { LaneStoreDown } from '../lanes/lanes.js';

const STORE_DOWN_MS = 2_000;

/** Treats a lane store that does not answer as a full lane; rethrows every other error. */
export function asNoSlot(error: unknown): ExchangeOutcome {
  if (error instanceof LaneStoreDown) return { kind: 'no-slot', retryAfterMs: STORE_DOWN_MS };
  throw error;
}

/** After the request with the effect was sent, a step that cannot be made counts as a missing answer, never as "nothing was sent". */
export function asUnanswered(made: ExchangeOutcome): ExchangeOutcome {
  if (made.kind === 'no-slot' || made.kind === 'circuit-open' || made.kind === 'throttled')
    return { kind: 'unanswered', reason: `no turn for a step after the write (${made.kind})` };
  return made.kind === 'not-sent' ? { kind: 'unanswered', reason: made.reason } : made;
}
