import { exact, money } from '#canonical';
import type { PayoutAsk, PayoutData } from '#canonical';
import { Unanswered, inconclusive, send, unprovable } from '#adapter-kit';
import type { PlanRun, Reconcile, ReconcileContext, Verdict } from '#adapter-kit';
import { WIDEST_OFFSET_MS } from './clock.js';
import { canBeOrdered, hasFallen, readAccount } from './info.js';
import type { Account } from './info.js';
import { allOrSince, findPayouts, knownPayouts } from './payouts.js';
import type { KnownPayouts } from './payouts.js';
import { matchAccount, mayBe } from './same-account.js';

/** After this time, a payout that was ordered is listed. */
const LATEST_MS = 300_000;

/** Finds a payout whose answer was lost: a new row with the same method and account. */
export const payoutList: Reconcile<PayoutAsk, PayoutData> = {
  strategy: 'payout-list',
  *run(ask: PayoutAsk, context: ReconcileContext): PlanRun<Verdict<PayoutData>> {
    const before = context.before[knownPayouts.name] as KnownPayouts | undefined;
    if (!before) return unprovable('The payouts that existed before were not recorded.');
    const listed = new Set(before.ids);
    const known = new Set([...before.ids, ...(ask.knownPayoutIds ?? [])]);
    const { result: rows, narrow } = yield* payoutsNow(before, context);
    const possible = rows.filter(row => mayBe(row, ask));
    const fresh = possible.filter(row => isNew(row, known));
    const [found, second] = fresh.filter(row => matchOf(row, ask) !== 'other');
    if (second) return unprovable('More than one new payout matches.');
    if (found && (!narrow || found.createdAt !== undefined)) {
      // Behind a refusal, it may as well have been ordered by hand at the same moment.
      const doubted = context.denied || ask.twinInDoubt;
      const isOurs = found.methodId === ask.methodId && matchOf(found, ask) === 'same';
      const sure = isOurs && fits(found, context) && isWhole(found, context) && !doubted;
      return { verdict: 'executed', result: found, evidence: sure ? 'strong' : 'weak' };
    }
    if (fresh.length > 0) return writtenDifferently(context);
    // A list may show late what was ordered before: such a payout looks new, and is not this one. Or the site counts anew.
    const late = possible.some(row => isNew(row, listed));
    // Another new payout, by any method, would explain where the balance went.
    const elsewhere = rows.some(row => isNew(row, known));
    if ((late || !elsewhere) && !(yield* remains(context)))
      return late ? numberOfAnother : lessThanBefore(context);
    // Rows outside the window, by the site's own clock, were not seen.
    return { verdict: 'absent', ...(narrow && { evidence: 'weak' as const }) };
  },
};

const numberOfAnother = unprovable(
  'The new payout has the number of another one, and the balance is not what it was.',
);

const isNew = ({ providerRef = '' }: PayoutData, known: Set<string>): boolean => !known.has(providerRef);

const matchOf = ({ account = '' }: PayoutData, ask: PayoutAsk) => matchAccount(account, ask.account);

// A list that is behind shows the payout within minutes; what else took the money, no look-up will tell.
const lessThanBefore = ({ now, lastSentAt }: ReconcileContext): Verdict<never> =>
  (now.getTime() - lastSentAt.getTime() < LATEST_MS ? inconclusive : unprovable)(
    'The balance is less than before, but no payout is listed.',
  );

// How a row is written does not change; but ours may be another row, which is only listed a moment later.
const writtenDifferently = ({ tries }: ReconcileContext): Verdict<PayoutData> =>
  (tries > 1 ? unprovable : inconclusive)(
    'There is a new payout that may be this one, but its account is written differently, or its time is not known.',
  );

// If only the last days were read before, only the last days are compared, or older payouts would look new.
function* payoutsNow(
  before: KnownPayouts,
  { firstSentAt }: ReconcileContext,
): PlanRun<{ result: PayoutData[]; narrow: boolean }> {
  if (!before.narrow) return yield* allOrSince(findPayouts, firstSentAt);
  const rows = yield* send(findPayouts, { from: firstSentAt });
  const since = firstSentAt.getTime() - WIDEST_OFFSET_MS;
  const recent = rows.filter(({ createdAt }) => !createdAt || new Date(createdAt).getTime() >= since);
  return { result: recent, narrow: true };
}

// An order takes the whole balance, though rewards may arrive after it: if money is gone, an order was executed that is not
// listed yet.
function* remains({ before }: ReconcileContext): PlanRun<boolean> {
  const { balance } = yield* send(readAccount, undefined);
  const was = (before[readAccount.name] as Account | undefined)?.balance;
  if (!balance) throw new Unanswered('PP did not return the balance.');
  return was ? !hasFallen(was, balance) : exact(balance.amount).greaterThan(0);
}

// An order takes the whole balance: a payout of less was ordered before the balance was read, and is only listed now. If there was
// too little for an order, this payout may have been what took the rest.
function isWhole({ originalAmount }: PayoutData, { before }: ReconcileContext): boolean {
  const account = before[readAccount.name] as Account | undefined;
  const was = account?.balance;
  if (!was) return true;
  const isLess = originalAmount && hasFallen(money(was.amount, originalAmount.currency), originalAmount);
  return canBeOrdered(account) && !isLess;
}

const fits = ({ createdAt }: PayoutData, { firstSentAt }: ReconcileContext): boolean =>
  createdAt === undefined || new Date(createdAt).getTime() >= firstSentAt.getTime() - WIDEST_OFFSET_MS;
