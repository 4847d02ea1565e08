import { Unanswered, unlessFailed } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import type { ConversionAsk, Refusal } from '#canonical';
import { findConverted } from './converted-leads.js';
import type { KnownLeads } from './leads.js';
import { isConflict, isOfItsState, mayBeAboutCopy } from './refused-copy.js';

/** Throws `Unanswered` where a refused sale may be registered all the same: one that reached Recca twice is refused the second time, because of what the first one did to its lead or its order. */
export function* requireUnregistered(
  refusal: Refusal,
  ask: ConversionAsk,
  known: KnownLeads | undefined,
): PlanRun<void> {
  if (!mayBeAboutCopy(refusal)) return;
  const wasConverted = known?.ids.includes(ask.leadRef);
  if (isConflict(refusal) && !(wasConverted && isOfItsState(refusal)))
    throw new Unanswered('Recca answers with a conflict: the sale may be registered already');
  // Without that page, the refusal remains valid: the sale was sent once.
  const look = { limit: known?.size, mostPages: 1 };
  if (known && !wasConverted && (yield* unlessFailed(findConverted(ask, look))))
    throw new Unanswered('Recca refused the sale, but its lead has become converted');
}
