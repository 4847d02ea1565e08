import { Refusal, exact, money, refusalAt } from '#canonical';
import type { PayoutAsk, PayoutData } from '#canonical';
import { Unanswered, defineExchange, inconclusive, send, steps, unprovable } from '#adapter-kit';
import type { PlanRun, Reconcile, ReconcileContext, Verdict } from '#adapter-kit';
import {
  accountOrNothing,
  believed,
  canBeOrdered,
  hasFallen,
  isMethod,
  mayBe,
  requireOrderable,
} from './believed.js';
import { DAY_MS, WIDEST_OFFSET_MS } from './clock.js';
import { matchAccount } from './same-account.js';
import { readAccount } from './info.js';
import type { Account } from './info.js';
import { allOrSince, findPayouts, knownPayouts } from './payouts.js';
import type { KnownPayouts } from './payouts.js';
import { undocumentedForOrders } from './refusal.js';
import { request } from './request.js';
import { dataOf } from './rows.js';

/** After this time, a payout that was ordered is listed. */
const LATEST_MS = 300_000;

/** Orders the payout of the whole balance; the call takes neither an amount nor a key, so it is sent again only after a 429, once the list shows that nothing was ordered. */
export const addPayout = defineExchange<PayoutAsk, PayoutData>({
  name: 'add-payout',
  call: 'add_payout',
  retryClass: 'reconcilable',
  accepts: undocumentedForOrders,
  doubts429: true,
  request: ({ methodId, account }, context) =>
    request('add_payout', context, { method_id: methodId, account }),
  read: (answer, { methodId, account }) => ({
    providerRef: dataOf(answer).at('payout_id').needId(),
    // The answer has no status; a new payout is pending (documented: 0).
    status: 'pending',
    providerStatus: '0',
    methodId,
    account,
  }),
});

/** Reads the existing payouts and the balance, orders one, and finds the reason if there is not enough money. */
export const createPayout = steps(addPayout, function* (ask: PayoutAsk, { now, firstSentAt }) {
  requireMethod(ask);
  const from = dayBefore(firstSentAt ?? now);
  const known = (yield* allOrSince(knownPayouts, from)).result;
  // After the list: a payout that is ordered between the two is a new one, and the balance is read without its money.
  const account = yield* accountOrNothing(readAccount);
  if (firstSentAt) yield* requireOrderable(ask, { account, known, from });
  try {
    const ordered = yield* send(addPayout, ask);
    if (!known.ids.includes(ordered.providerRef!)) return ordered;
    throw new Unanswered('PP answered with the number of an older payout');
  } catch (error) {
    if (error instanceof Refusal) throw yield* believed(error, ask, { account, known, from });
    throw error;
  }
});

// PHP reads "1abc" and "01" as 1: it would order the payout, and list it by another method than ours.
function requireMethod({ methodId }: PayoutAsk): void {
  if (isMethod(methodId)) return;
  const detail = 'PP’s methods are whole numbers, listed by `GET /v1/referral/payout-methods`.';
  throw refusalAt('/methodId', detail, 'payout-method-unavailable');
}

// The payouts known from before must reach further back than the later search. Whole days: the next attempt of this
// operation must ask for the same, or it would take what this one ordered for known.
const dayBefore = (now: Date): Date => new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS - DAY_MS);

/** Finds a payout whose answer was lost: a new row with the same method and account. */
export const payoutList: Reconcile<PayoutAsk, PayoutData> = {
  strategy: 'payout-list',
  *run(ask: PayoutAsk, context: ReconcileContext): PlanRun<Verdict<PayoutData>> {
    const before = context.before[knownPayouts.name] as KnownPayouts | undefined;
    const known = before && new Set([...before.ids, ...(ask.knownPayoutIds ?? [])]);
    const { result: rows, narrow } = yield* payoutsNow(before, context);
    const possible = rows.filter(row => mayBe(row, ask));
    const fresh = possible.filter(row => !known?.has(row.providerRef ?? ''));
    const [found, second] = fresh.filter(row => matchOf(row, ask) !== 'other');
    if (second) return unprovable('More than one new payout matches.');
    if (found && !known) return unprovable('The payouts that existed before were not recorded.');
    if (found && (!narrow || found.createdAt !== undefined)) {
      // Behind a refusal, it may as well have been ordered by hand at the same moment.
      const doubted = context.denied || ask.twinInDoubt;
      const isOurs = found.methodId === ask.methodId && matchOf(found, ask) === 'same';
      const sure = isOurs && fits(found, context) && isWhole(found, context) && !doubted;
      return { verdict: 'executed', result: found, evidence: sure ? 'strong' : 'weak' };
    }
    if (fresh.length > 0 && known) return writtenDifferently(context);
    // A list may show late what was ordered before: such a payout looks new, and is not this one. Or the site counts anew.
    const late = possible.some(row => before && !before.ids.includes(row.providerRef ?? ''));
    if (late && !(yield* remains(context)))
      return unprovable('The new payout has the number of another one, and the balance is not what it was.');
    // Another new payout, by any method, would explain where the balance went.
    const elsewhere = rows.some(row => known && !known.has(row.providerRef ?? ''));
    if (!elsewhere && !(yield* remains(context))) return lessThanBefore(context);
    // Rows outside the window, by the site's own clock, were not seen.
    return { verdict: 'absent', ...(narrow && { evidence: 'weak' as const }) };
  },
};

const matchOf = ({ account = '' }: PayoutData, ask: PayoutAsk) => matchAccount(account, ask.account);

// A list that is behind shows the payout within minutes; what else took the money, no look-up will tell.
const lessThanBefore = ({ now, lastSentAt }: ReconcileContext): Verdict<never> =>
  (now.getTime() - lastSentAt.getTime() < LATEST_MS ? inconclusive : unprovable)(
    'The balance is less than before, but no payout is listed.',
  );

// How a row is written does not change; but ours may be another row, which is only listed a moment later.
const writtenDifferently = ({ tries }: ReconcileContext): Verdict<PayoutData> =>
  (tries > 1 ? unprovable : inconclusive)(
    'There is a new payout that may be this one, but its account is written differently.',
  );

// If only the last days were read before, only the last days are compared, or older payouts would look new.
function* payoutsNow(
  before: KnownPayouts | undefined,
  { firstSentAt }: ReconcileContext,
): PlanRun<{ result: PayoutData[]; narrow: boolean }> {
  if (!before?.narrow) return yield* allOrSince(findPayouts, firstSentAt);
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
