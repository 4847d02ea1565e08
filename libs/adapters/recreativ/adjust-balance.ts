import { exact, isZeroMoney, money, plainText, refusalAt } from '#canonical';
import type { AdjustmentAsk, Money, Refusal } from '#canonical';
import {
  Unanswered,
  Unreadable,
  defineExchange,
  ifRefused,
  inconclusive,
  segment,
  send,
  sendAnew,
  sendIfUnmoved,
  steps,
  undecided,
  unlessFailed,
  unprovable,
  wireNumber,
} from '#adapter-kit';
import type { Context, PlanRun, Reconcile, ReconcileContext, Verdict } from '#adapter-kit';
import { userIdOf } from './customer.js';
import { requireExactNumber } from './exact-number.js';
import { customerErrors, mayBeCausedByCopy } from './refusal.js';
import type { RecreativSettings } from './settings.js';
import { mayBeForWantOfMoney } from './want-of-money.js';
import { get, objectOf } from './wire.js';

interface Change {
  userId: string;
  delta: string;
}

interface Adjusted {
  balanceAfter?: Money;
}

/** Only the balance, with all decimals: steps are stored without personal data. */
export const userBalance = defineExchange<{ userId: string }, { balance?: string }>({
  name: 'user-balance',
  call: 'GET /advertiser/users/{id} (balance)',
  retryClass: 'read',
  errors: customerErrors,
  request: ({ userId }) => get(`/advertiser/users/${segment(userId)}`),
  read: (answer, { userId }) => ({ balance: objectOf(answer, userId).at('balance').decimal() }),
});

/** The same after the change: what was read before must stay known for the look-up. */
export const userBalanceAfter = { ...userBalance, name: 'user-balance-after' };

/** Changes a balance: `balance` is the CHANGE, so a repeat would apply it twice. */
export const changeBalance = defineExchange<Change, Adjusted>({
  name: 'change-balance',
  call: 'PUT /advertiser/users/{id}',
  retryClass: 'unsafe',
  doubts429: true,
  errors: customerErrors,
  request: ({ userId, delta }) => ({
    method: 'PUT',
    path: `/advertiser/users/${segment(userId)}`,
    json: { balance: wireNumber(delta) },
  }),
  read: (answer, { userId }, { settings: { currency } }: Context<RecreativSettings>) => {
    if (answer.status === 204) return {};
    const account = objectOf(answer, userId);
    const balance = account.at('balance').decimal();
    // As documented, the answer is the account; anything else does not prove that it was changed.
    if (account.at('id').text() === undefined && balance === undefined)
      throw new Unreadable('/id', 'is missing');
    return balance === undefined ? {} : { balanceAfter: money(balance, currency) };
  },
});

/** Reads the balance, then changes it: the earlier balance is the only evidence if the answer is lost. */
export const adjustBalance = steps(
  changeBalance,
  function* ({ refs, delta }: AdjustmentAsk, context: Context<RecreativSettings>): PlanRun<Adjusted> {
    const { currency } = context.settings;
    if (delta.currency !== currency)
      throw refusalAt(
        '/delta/currency',
        `This account is in ${currency}; Recreativ does not convert currencies.`,
      );
    if (isZeroMoney(delta)) throw refusalAt('/delta/amount', 'The change must not be zero.');
    requireExactNumber('/delta/amount', delta.amount);
    const userId = userIdOf(refs);
    const { balance: before } = yield* send(userBalance, { userId });
    if (context.firstSentAt) yield* requireUnmoved(userId, before);
    const via = context.firstSentAt ? sendIfUnmoved : send;
    const change = { userId, delta: plainText(exact(delta.amount)) };
    const adjusted = yield* ifRefused(via(changeBalance, change), refusal =>
      requireNotMade(refusal, change, before),
    );
    requireMovedOnce(before, adjusted.balanceAfter, delta.amount);
    return adjusted;
  },
);

// Behind a 429 the change may have been made: it is sent again only if the balance is what it was.
function* requireUnmoved(userId: string, before: string | undefined): PlanRun<void> {
  const { balance: after } = yield* sendAnew(userBalanceAfter, { userId });
  if (before === undefined || after === undefined || !exact(before).equals(after))
    throw new Unanswered('Recreativ answered 429, and the balance does not show that nothing was changed');
}

// Yii leaves out a field that it may not set and answers 200 all the same; a stale copy shows what was there before. Proxies repeat a
// PUT more readily than a POST: the answer to the second copy shows that the change was made twice.
function requireMovedOnce(before: string | undefined, after: Money | undefined, delta: string): void {
  if (before === undefined || !after) return;
  const isMoved = (times: number) =>
    money(exact(delta).times(times).plus(before), after.currency).amount === after.amount;
  if (isMoved(0)) throw new Unanswered('Recreativ answered with the balance from before the change');
  if (isMoved(2)) throw new Unanswered('Recreativ answered with a balance that was changed twice');
}

// A debit that reached Recreativ twice (a proxy repeated it) may be refused the second time, because the first took the money. The
// balance may be shown late, so only one that was not enough explains the refusal. Another reason, such as the form of the amount,
// holds for the first copy too.
function* requireNotMade(refusal: Refusal, { userId, delta }: Change, before?: string): PlanRun<void> {
  if (before === undefined || !exact(delta).isNegative()) return;
  if (!mayBeCausedByCopy(refusal) || !mayBeForWantOfMoney(refusal)) return;
  const after = (yield* unlessFailed(sendAnew(userBalanceAfter, { userId })))?.balance;
  const isEnough = (balance: string) => !exact(balance).plus(delta).isNegative();
  if (after !== undefined && exact(before).plus(delta).greaterThanOrEqualTo(after))
    throw new Unanswered('Recreativ refused the change, but the balance shows it');
  if (isEnough(before) && isEnough(after ?? before))
    throw new Unanswered('Recreativ refused the change, although there was enough money');
}

/** Reads the balance again: exactly the change is evidence for it, no change is evidence against it. Weak in both cases: advertisers spend all the time. */
export const balanceDelta: Reconcile<AdjustmentAsk, Adjusted> = {
  strategy: 'balance-delta',
  *run(
    { refs, delta }: AdjustmentAsk,
    context: ReconcileContext<RecreativSettings>,
  ): PlanRun<Verdict<Adjusted>> {
    const { balance: before } = (context.before[userBalance.name] ?? {}) as { balance?: string };
    if (before === undefined) return unprovable('The balance before the change is not known.');
    const { balance: after } = yield* send(userBalance, { userId: userIdOf(refs) });
    if (after === undefined) return inconclusive('Recreativ did not return the balance.');
    if (exact(before).plus(delta.amount).equals(after))
      return {
        verdict: 'executed',
        evidence: 'weak',
        result: { balanceAfter: money(after, delta.currency) },
      };
    if (exact(before).equals(after)) return { verdict: 'absent', evidence: 'weak' };
    return undecided(
      `The balance went from ${before} to ${after}, which this change alone does not explain.`,
      context,
    );
  },
};
