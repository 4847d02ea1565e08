import { Unanswered } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import type { Refusal, RefundAsk } from '#canonical';
import { hasTime, NoLedger, recentLedger } from './ledger.js';
import type { SeenEntry } from './ledger.js';
import { isAboutAccess, mayBeBooked } from './refusals.js';
import type { UdsContext } from './request.js';
import { oursAmong, reverses } from './reversals.js';
import { mayUseUndocumented } from './settings.js';

/** Reversals of the purchase at the top of the ledger: perhaps this one, only one from before it, none, or not shown. */
type Shown = 'new' | 'earlier' | 'none' | 'hidden';

/** The refusal of a refund. Throws `Unanswered` where the refund may have been executed all the same: one that reached UDS twice (a proxy repeated it) is refused the second time, because the first took everything. */
export function* refusalToTell(refusal: Refusal, ask: RefundAsk, context: UdsContext): PlanRun<Refusal> {
  const { provider } = refusal.members;
  if (isAboutAccess(provider?.status)) return refusal;
  const shown = mayUseUndocumented(context.settings) ? yield* newestReversal(ask, context) : 'hidden';
  if (shown === 'new')
    throw new Unanswered('UDS refused the refund, but there may be a new reversal of this purchase');
  // A conflict with an earlier one is explained by that.
  if (shown !== 'earlier' && mayBeBooked(provider, { nonceSent: false }))
    throw new Unanswered(`UDS answers ${provider?.code}: the refund may be booked already`);
  return refusal;
}

// The newest page is enough: what was refused just now because of a reversal has that reversal at its top.
function* newestReversal(ask: RefundAsk, { now }: UdsContext): PlanRun<Shown> {
  try {
    const ledger = yield* recentLedger({ firstSentAt: now, tries: 0 });
    if (oursAmong(ledger, ask).some(mayBeNew)) return 'new';
    return ledger.entries.some(seen => reverses(seen.entry, ask) && !mayBeNew(seen)) ? 'earlier' : 'none';
  } catch (error) {
    // A ledger that is never shown would leave every refusal to a person.
    const isPassing = error instanceof Unanswered && !(error instanceof NoLedger) && !error.why.unreadable;
    return isPassing ? 'new' : 'hidden';
  }
}

// A time without its zone says nothing; otherwise one from minutes before was made in the cabinet.
const mayBeNew = ({ entry, when }: SeenEntry): boolean => when === 'after' || !hasTime(entry);
