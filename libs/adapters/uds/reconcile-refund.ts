import { inconclusive, isFailedExchange, send, undecided, unprovable, unread } from '#adapter-kit';
import type { PlanRun, Reconcile, ReconcileContext, Verdict } from '#adapter-kit';
import type { RefundAsk, RefundData } from '#canonical';
import { CLOCK_MS, getOperation, hasTime, NoLedger, recentLedger } from './ledger.js';
import type { SeenEntry } from './ledger.js';
import { refundOf } from './refund-figures.js';
import { isOfAmount, mayBeLate, oursAmong } from './reversals.js';
import { mayUseUndocumented } from './settings.js';

type RefundVerdict = Verdict<RefundData>;

const recordedBefore: RefundVerdict = inconclusive(
  'A matching reversal was found, but it was recorded before ours was sent.',
);

const undated: RefundVerdict = inconclusive(
  'A matching reversal was found, but its time does not show whether it was recorded before ours was sent.',
);

/** Reconciles a refund whose answer was lost, by the reversals of its purchase that were not known before. */
export const findRefund: Reconcile<RefundAsk, RefundData> = {
  strategy: 'reversal-rows',
  *run(ask, context): PlanRun<RefundVerdict> {
    if (!mayUseUndocumented(context.settings))
      return unprovable('`undocumentedCalls` is off, so the UDS ledger cannot be read.');
    try {
      return yield* searchLedger(ask, context);
    } catch (error) {
      if (!isFailedExchange(error)) throw error;
      const note = `The ledger could not be read: ${error.message}`;
      return error instanceof NoLedger && !error.mayPass ? undecided(note, context) : unread(note);
    }
  },
};

function* searchLedger(ask: RefundAsk, context: ReconcileContext): PlanRun<RefundVerdict> {
  // A refund has no nonce, so only its time tells it from an equal one made by hand just before. What may explain a refusal is
  // left to a person.
  const ledger = yield* recentLedger({ ...context, ...(!context.denied && { clockMs: CLOCK_MS }) });
  const [found, ...others] = oursAmong(ledger, ask);
  if (others.length > 0) return inconclusive('There are several new reversals of this purchase.');
  if (found) return judge(found, ask, context);
  // Refused, and not reversed since minutes before that: if the purchase is cancelled, it was so before, and was refused for it.
  if (context.denied && ledger.complete) return { verdict: 'absent' };
  if (ledger.earlier.some(entry => mayBeLate(entry, ask))) return recordedBefore;
  const operation = yield* send(getOperation, { id: ask.providerOperationId });
  // CANCELED without a reversal in the ledger: refunded, but it is unknown when and by whom. An earlier partial refund explains
  // it: whether UDS cancels the purchase then is not documented.
  if (operation.state === 'canceled' && !ask.knownRefundIds?.length)
    return inconclusive('The purchase is cancelled, but its reversal was not found.');
  return ledger.complete
    ? { verdict: 'absent' }
    : inconclusive('Not all operations since then could be read.');
}

function judge({ entry, when }: SeenEntry, ask: RefundAsk, { denied }: ReconcileContext): RefundVerdict {
  if (!isOfAmount(entry, ask))
    return inconclusive('There is a new reversal of this purchase, but its amount differs.');
  if (entry.originId === undefined)
    return inconclusive('There is a new reversal of this amount, but it does not name its purchase.');
  if (when === 'near') return hasTime(entry) ? recordedBefore : undated;
  // Behind a refusal, it may as well have been made by hand at the same moment; beside an equal refund, it may be that one.
  const evidence = denied || ask.twinInDoubt ? 'weak' : 'strong';
  return { verdict: 'executed', result: refundOf(entry, ask), evidence };
}
