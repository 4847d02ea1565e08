import { Refusal, exact } from '#canonical';
import type { ErrorCode, Money, PayoutAsk, PayoutData } from '#canonical';
import { Unanswered, send, sendAnew } from '#adapter-kit';
import type { PlanRun, Sender } from '#adapter-kit';
import { readAccountAfter } from './info.js';
import type { Account } from './info.js';
import { allOrSince, findPayouts } from './payouts.js';
import type { KnownPayouts } from './payouts.js';
import { matchAccount } from './same-account.js';

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
 * The refusal of an order, with the reason that the numbers show. What was read before the order explains it (too little money, a
 * method that was not offered): it is told at once, since a payout that is listed only now is an older one. Otherwise throws
 * `Unanswered` where the order may have been executed all the same: one that reached the site twice (a proxy repeated it) is refused
 * the second time, because the first took the money. Enough money in the balance after a refusal for want of it does not deny an
 * order: it shows that what was read is not current.
 */
export function* believed(refusal: Refusal, ask: PayoutAsk, before: Before): PlanRun<Refusal> {
  if (!causedByAnOrder.includes(refusal.code)) return refusal;
  if (explains(before.account, refusal, ask)) return named(refusal, before.account);
  const account = yield* requireNotOrdered(ask, before);
  if (forWantOfMoney.includes(refusal.code) && canBeOrdered(account))
    throw new Unanswered('PP refused the order for want of money, but then shows enough of it');
  return named(refusal, account);
}

const named = (refusal: Refusal, account: Account): Refusal =>
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
  yield* requireNotOrdered(ask, before);
}

// The account as it is now; throws where the order may have been executed.
function* requireNotOrdered(ask: PayoutAsk, before: Before): PlanRun<Account> {
  const rows = yield* payoutsAfter(before);
  const added = rows.filter(row => !before.known.ids.includes(row.providerRef!));
  if (added.some(row => mayBe(row, ask)))
    throw new Unanswered('PP refused the order, but there is a new payout that may be this one');
  const account = yield* accountOrNothing(readAccountAfter, sendAnew);
  // Another new payout, by any method, would explain where the balance went.
  if (added.length === 0) requireSameBalance(before.account, account);
  return account;
}

// What cannot be read here proves nothing, even if it is refused.
function* payoutsAfter({ known, from }: Before): PlanRun<PayoutData[]> {
  try {
    if (known.narrow) return yield* sendAnew(findPayouts, { from });
    return (yield* allOrSince(findPayouts, from, sendAnew)).result;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Unanswered('PP refused the order, and then to list the payouts');
  }
}

function requireSameBalance({ balance: was }: Account, { balance }: Account): void {
  if (!was || exact(was.amount).lessThanOrEqualTo(0)) return;
  if (!balance || hasFallen(was, balance))
    throw new Unanswered('PP refused the order and lists no new payout, but the balance is not what it was');
}

/** Whether money has left the account. */
export const hasFallen = (was: Money, balance: Money): boolean =>
  exact(balance.amount).lessThan(exact(was.amount));

/** Whether the account has enough for an order, as far as it tells. */
export const canBeOrdered = (account: Account): boolean =>
  account.balance !== undefined && exact(account.balance.amount).greaterThan(0) && !isBelowMinimum(account);

const isTooLittle = (account: Account): boolean => account.balance !== undefined && !canBeOrdered(account);

// PP answers "not enough money" both for an empty balance and for one below the minimum; the numbers distinguish them.
const isBelowMinimum = ({ balance, minPayout }: Account): boolean =>
  balance !== undefined &&
  minPayout !== undefined &&
  exact(balance.amount).greaterThan(0) &&
  exact(balance.amount).lessThan(exact(minPayout.amount));

/** The account, if it can be read; for an order this is not required. */
export function* accountOrNothing(
  exchange: typeof readAccountAfter,
  via: Sender = send,
): PlanRun<Account> {
  try {
    return yield* via(exchange, undefined);
  } catch {
    return {};
  }
}

/** Whether a payout may be the one that was ordered: only the number of another method, with another account, shows that it is not. */
export const mayBe = ({ methodId = '', account = '' }: PayoutData, ask: PayoutAsk): boolean =>
  methodId === ask.methodId || !isMethod(methodId) || matchAccount(account, ask.account) !== 'other';

/** Whether a text is the number of a method as PP lists it. A method that was deleted or renamed is `0`, and a site may show its title. */
export const isMethod = (methodId: string): boolean => /^[1-9]\d*$/.test(methodId);
