import { NO_CURRENCY, Refusal, exact } from '#canonical';
import type { PayoutAsk, PayoutData, Program } from '#canonical';
import { Unanswered, defineExchange, send, steps } from '#adapter-kit';
import type { PlanRun, Reconcile, ReconcileContext, Verdict } from '#adapter-kit';
import { sameAccount } from './same-account.js';
import { readProgram } from './info.js';
import { allOrSince, findPayouts, knownPayouts } from './payouts.js';
import type { KnownPayouts } from './payouts.js';
import { undocumented } from './refusal.js';
import { request } from './request.js';
import { dataOf } from './rows.js';

/** Orders the payout of the whole balance; the provider takes no amount and no key, so it is never sent twice. */
export const addPayout = defineExchange<PayoutAsk, PayoutData>({
  name: 'add-payout',
  call: 'add_payout',
  retryClass: 'reconcilable',
  accepts: undocumented,
  request: ({ methodId, account }, context) =>
    request('add_payout', context, { method_id: methodId, account }),
  read: (answer, { methodId, account }) => ({
    providerRef: dataOf(answer).at('payout_id').needId(),
    // The answer has no status; a new payout waits (document: 0).
    status: 'pending',
    providerStatus: '0',
    methodId,
    account,
  }),
});

/** Notes the balance and the payouts that there are, orders one, and finds out why when there is not money enough. */
export const createPayout = steps(addPayout, function* (ask: PayoutAsk, { now }) {
  yield* accountOrNothing();
  const { ids } = (yield* allOrSince(knownPayouts, new Date(now.getTime() - DAY))).told;
  try {
    const ordered = yield* send(addPayout, ask);
    if (!ids.includes(ordered.providerRef!)) return ordered;
    throw new Unanswered('PP answers with the number of an older payout');
  } catch (error) {
    if (error instanceof Refusal && error.code === 'payout-balance-empty') yield* refuseBelowMinimum(error);
    throw error;
  }
});

// PP says "not enough money" for both an empty balance and one below the minimum; the numbers tell them apart.
function* refuseBelowMinimum(refusal: Refusal): PlanRun<void> {
  const { balance, minPayout } = yield* accountOrNothing();
  if (!balance || !minPayout || exact(balance.amount).lessThanOrEqualTo(0)) return;
  if (exact(balance.amount).lessThan(exact(minPayout.amount)))
    throw new Refusal('payout-below-minimum', { provider: refusal.members.provider });
}

// Before an order it is a help and no condition; behind a refusal it must not turn that into "we do not know".
function* accountOrNothing(): PlanRun<Program> {
  try {
    return yield* send(readProgram, { currency: NO_CURRENCY });
  } catch {
    return {};
  }
}

// What is known from before must reach further back than what is searched later.
const DAY = 24 * 3_600_000;

// Rows carry the site's wall clock, at most 14 hours away from UTC.
const CLOCK_TOLERANCE_MS = 14 * 3_600_000;

/** Finds a payout whose answer was lost: a row that was not there before, with the same method and account. */
export const payoutList: Reconcile<PayoutAsk, PayoutData> = {
  strategy: 'payout-list',
  *run(ask: PayoutAsk, context: ReconcileContext): PlanRun<Verdict<PayoutData>> {
    const before = context.before[knownPayouts.name] as KnownPayouts | undefined;
    const known = before && new Set(before.ids);
    const { told: rows, narrow } = yield* payoutsNow(before, context);
    const fresh = rows.filter(row => mayBe(row, ask) && !known?.has(row.providerRef ?? ''));
    const [found, second] = fresh.filter(row => sameAccount(row.account ?? '', ask.account));
    if (second) return { verdict: 'inconclusive', note: 'More than one new payout fits.' };
    if (found && !known)
      return { verdict: 'inconclusive', note: 'Nobody noted which payouts there were before.' };
    if (found && (!narrow || found.createdAt !== undefined)) {
      const sure = found.methodId !== undefined && fits(found, context);
      return { verdict: 'executed', result: found, evidence: sure ? 'strong' : 'weak' };
    }
    if (fresh.length > 0 && known)
      return {
        verdict: 'inconclusive',
        note: 'There is a new payout by this method to an account written otherwise.',
      };
    // Another new payout, by whatever method, would be where the balance went.
    const elsewhere = rows.some(row => known && !known.has(row.providerRef ?? ''));
    if (!elsewhere && (yield* emptied(context)))
      return { verdict: 'inconclusive', note: 'The balance is gone; no payout is listed.' };
    // What is outside the site's window, by a clock of its own, was not seen.
    return { verdict: 'absent', ...(narrow && { evidence: 'weak' as const }) };
  },
};

// What was known of the last days alone is compared with the last days alone, or older payouts would look new.
function* payoutsNow(
  before: KnownPayouts | undefined,
  { firstSentAt }: ReconcileContext,
): PlanRun<{ told: PayoutData[]; narrow: boolean }> {
  if (!before?.narrow) return yield* allOrSince(findPayouts, firstSentAt);
  const rows = yield* send(findPayouts, { from: firstSentAt });
  const since = firstSentAt.getTime() - CLOCK_TOLERANCE_MS;
  const recent = rows.filter(({ createdAt }) => !createdAt || new Date(createdAt).getTime() >= since);
  return { told: recent, narrow: true };
}

// An order takes the whole balance: where it is gone since, an order was carried out that the list does not show yet.
function* emptied({ before }: ReconcileContext): PlanRun<boolean> {
  const { balance } = yield* send(readProgram, { currency: NO_CURRENCY });
  const was = (before[readProgram.name] as Program | undefined)?.balance;
  const nothing = (money: Program['balance']) =>
    money !== undefined && exact(money.amount).lessThanOrEqualTo(0);
  return nothing(balance) && !nothing(was);
}

// A site that tells no method of a payout does not say that it is another's.
const mayBe = ({ methodId }: PayoutData, ask: PayoutAsk): boolean =>
  methodId === undefined || methodId === ask.methodId;

const fits = ({ createdAt }: PayoutData, { firstSentAt }: ReconcileContext): boolean =>
  createdAt === undefined || new Date(createdAt).getTime() >= firstSentAt.getTime() - CLOCK_TOLERANCE_MS;
