import type { Made } from './exchange.js';
import { LaneStoreDown } from './lanes/lanes.js';

const STORE_DOWN_MS = 2_000;

/** A lane store that does not answer is a lane without a turn; every other error is thrown on. */
export function storeDown(error: unknown): Made {
  if (error instanceof LaneStoreDown) return { kind: 'no-slot', retryAfterMs: STORE_DOWN_MS };
  throw error;
}

/** After the effect's request has left, a step that cannot be made is an answer that did not come: never "nothing was sent". */
export function afterEffect(made: Made): Made {
  if (made.kind === 'no-slot' || made.kind === 'circuit-open' || made.kind === 'throttled')
    return { kind: 'unanswered', reason: `no turn for a step after the write (${made.kind})` };
  return made.kind === 'not-sent' ? { kind: 'unanswered', reason: made.reason } : made;
}
