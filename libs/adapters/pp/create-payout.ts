import { refusalAt } from '#canonical';
import type { PayoutAsk, PayoutData } from '#canonical';
import { Unanswered, defineExchange, ifRefused, send, steps } from '#adapter-kit';
import { DAY_MS } from './clock.js';
import { accountOrNothing, readAccount } from './info.js';
import { refusalToTell, requireOrderable } from './order-refused.js';
import { allOrSince, knownPayouts } from './payouts.js';
import { undocumentedForOrders } from './refusal.js';
import { request } from './request.js';
import { dataOf } from './rows.js';
import { isMethod } from './same-account.js';

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
  const before = { account, known, from };
  if (firstSentAt) yield* requireOrderable(ask, before);
  const ordered = yield* ifRefused(send(addPayout, ask), refusal => refusalToTell(refusal, ask, before));
  if (!known.ids.includes(ordered.providerRef!)) return ordered;
  throw new Unanswered('PP answered with the number of an older payout');
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
