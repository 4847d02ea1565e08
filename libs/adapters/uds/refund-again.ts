import { Unanswered } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import type { RefundAsk } from '#canonical';
import { recentLedger } from './ledger.js';
import type { UdsContext } from './request.js';
import { mayBeLate, mayBeOurs } from './reversals.js';
import { mayUseUndocumented } from './settings.js';

/** Before a refund that was answered 429 is sent again: throws `Unanswered` unless the ledger shows that it was not executed. UDS takes no key for a refund and would execute a second one. */
export function* requireUnrefunded(ask: RefundAsk, { firstSentAt, settings }: UdsContext): PlanRun<void> {
  if (!firstSentAt) return;
  if (!mayUseUndocumented(settings)) throw new Unanswered('UDS answered 429, and its ledger may not be read');
  const { entries, earlier, complete } = yield* recentLedger({ firstSentAt, tries: 1 });
  const isThere =
    entries.some(({ entry }) => mayBeOurs(entry, ask)) || earlier.some(entry => mayBeLate(entry, ask));
  if (isThere) throw new Unanswered('UDS answered 429, but there may be a new reversal of this purchase');
  if (!complete) throw new Unanswered('UDS answered 429, and not all operations since then could be read');
}
