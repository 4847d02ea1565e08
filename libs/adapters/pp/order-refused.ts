import { Refusal, exact } from '#canonical';
import type { ErrorCode, PayoutAsk, PayoutData } from '#canonical';
import { Unanswered, sendAnew } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import { accountOrNothing, canBeOrdered, hasFallen, isBelowMinimum, readAccountAfter } from './info.js';
import type { Account } from './info.js';
import { allOrSince, findPayouts } from './payouts.js';
import type { KnownPayouts } from './payouts.js';
import { mayBe } from './same-account.js';

/** What was read before the order. */
interface Before {
  account: Account;
  known: KnownPayouts;
  /** The start of a list that does not fit into one answer. */
  from: Date;
}

// An order that was executed takes the money, and with it what the next one would need.
const causedByAnOrder: ErrorCode[] = [
  'payout-balance-empty',
  'payout-below-minimum',
  'payout-method-unavailable',
  'provider-rejected',
];

const forWantOfMoney: ErrorCode[] = ['payout-balance-empty', 'payout-below-minimum'];

/**
 * The refusal of an order, with the reason that the numbers show. One that is explained by what was read before the order (too little
 * money, a method that was not offered) is told at once: a payout that is listed only now is an older one. Otherwise throws
 * `Unanswered` where the order may have been executed all the same: one that reached the site twice (a proxy repeated it) is refused
 * the second time, because the first took the money. After a refusal for want of money, a balance with enough of it does not deny an
 * order: it is not current.
 */
export function* refusalToTell(refusal: Refusal, ask: PayoutAsk, before: Before): PlanRun<Refusal> {
  if (!causedByAnOrder.includes(refusal.code)) return refusal;
  if (explains(before.account, refusal, ask)) return withReason(refusal, before.account);
  const account = yield* requireNotOrdered(ask, before, 'refused the order');
  if (forWantOfMoney.includes(refusal.code) && canBeOrdered(account))
    throw new Unanswered('PP refused the order for want of money, but then shows enough of it');
  return withReason(refusal, account);
}

const withReason = (refusal: Refusal, account: Account): Refusal =>
  refusal.code === 'payout-balance-empty' && isBelowMinimum(account)
    ? new Refusal('payout-below-minimum', { provider: refusal.members.provider })
    : refusal;

const explains = (was: Account, { code }: Refusal, { methodId }: PayoutAsk): boolean =>
  isTooLittle(was) || (code === 'payout-method-unavailable' && !mayOffer(was, methodId));

const mayOffer = ({ methodIds = [] }: Account, methodId: string): boolean =>
  methodIds.length === 0 || methodIds.includes(methodId);

/** Before an order that was answered 429 is sent again: throws `Unanswered` unless the list and the balance show that it was not executed. */
export function* requireOrderable(ask: PayoutAsk, before: Before): PlanRun<void> {
  // Read now, it may be what the order has left.
  if (!before.account.balance)
    throw new Unanswered('PP answered 429, and the balance before the order is not known');
  yield* requireNotOrdered(ask, before, 'answered 429');
}

/** What PP did with the order, in the words for a person. */
type Did = 'refused the order' | 'answered 429';

// The account as it is now; throws where the order may have been executed.
function* requireNotOrdered(ask: PayoutAsk, before: Before, did: Did): PlanRun<Account> {
  const rows = yield* payoutsAfter(before, did);
  const added = rows.filter(row => !before.known.ids.includes(row.providerRef!));
  if (added.some(row => mayBe(row, ask)))
    throw new Unanswered(`PP ${did}, but there is a new payout that may be this one`);
  const account = yield* accountOrNothing(readAccountAfter, sendAnew);
  // Another new payout, by any method, would explain where the balance went.
  if (added.length === 0) requireSameBalance(before.account, account, did);
  return account;
}

// What cannot be read here proves nothing, even if it is refused.
function* payoutsAfter({ known, from }: Before, did: Did): PlanRun<PayoutData[]> {
  try {
    if (known.narrow) return yield* sendAnew(findPayouts, { from });
    return (yield* allOrSince(findPayouts, from, sendAnew)).result;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Unanswered(`PP ${did}, and then refused to list the payouts`);
  }
}

function requireSameBalance({ balance: was }: Account, { balance }: Account, did: Did): void {
  if (!was || exact(was.amount).lessThanOrEqualTo(0)) return;
  if (!balance || hasFallen(was, balance))
    throw new Unanswered(`PP ${did} and lists no new payout, but the balance is not what it was`);
}

const isTooLittle = (account: Account): boolean => account.balance !== undefined && !canBeOrdered(account);
