import { NO_CURRENCY, exact } from '#canonical';
import type { Money, PayoutMethod, Program, ReferralSummary } from '#canonical';
import { defineExchange, send, steps, unlessFailed } from '#adapter-kit';
import type { PlanRun, Reader, Sender } from '#adapter-kit';
import { baseCurrency, limitOf } from './currency.js';
import { undocumented } from './refusal.js';
import { request } from './request.js';
import { dataOf, readRows } from './rows.js';
import { textOf } from './text.js';

interface InfoAsk {
  /** The base currency, which `get_info` does not contain. */
  currency: string;
}

/** One reading of `get_info`; every reading is its own exchange. */
const infoExchange = <Ask, Result>(name: string, read: (data: Reader, ask: Ask) => Result) =>
  defineExchange<Ask, Result>({
    name,
    call: 'get_info',
    retryClass: 'read',
    accepts: undocumented,
    request: (_, context) => request('get_info', context),
    read: (answer, ask) => read(dataOf(answer).needRecord(), ask),
  });

/** `get_info` as the account's balance. */
export const readBalance = infoExchange<InfoAsk, ReferralSummary>('read-balance', (data, { currency }) => {
  data.at('balance').needDecimal();
  return { balance: limitOf(data.at('balance'), currency, 'down') };
});

const programOf = (data: Reader, { currency }: InfoAsk): Program => ({
  currency,
  balance: limitOf(data.at('balance'), currency, 'down'),
  minPayout: limitOf(data.at('min_payout'), currency, 'up'),
});

/** `get_info` as a program: the balance, and the smallest payout. */
export const readProgram = infoExchange<InfoAsk, Program>('read-program', (data, ask) => {
  // Left out, one that cannot be read would look like none. A dash is none.
  for (const limit of [data.at('balance'), data.at('min_payout')])
    if (/[\p{L}\p{N}]/u.test(textOf(limit) ?? '')) limit.needDecimal();
  return programOf(data, ask);
});

/** What a payout is ordered from. */
export interface Account extends Program {
  /** The payout methods that the site offers; none = not known. */
  methodIds?: string[];
}

const accountOf = (data: Reader): Account => {
  const ids = data
    .at('items')
    .list()
    .map(method => method.at('id').text());
  return {
    ...programOf(data, { currency: NO_CURRENCY }),
    methodIds: ids.every(id => id !== undefined) ? ids : [],
  };
};

/** `get_info` before an order. */
export const readAccount = infoExchange('read-account', accountOf);

/** The same after an order: under a name of its own, since an operation's steps are kept by their names. */
export const readAccountAfter = infoExchange('read-account-after', accountOf);

/** The account, if it can be read; for an order this is not required. */
export function* accountOrNothing(exchange: typeof readAccountAfter, via: Sender = send): PlanRun<Account> {
  return (yield* unlessFailed(via(exchange, undefined))) ?? {};
}

/** Whether money has left the account. */
export const hasFallen = (was: Money, balance: Money): boolean =>
  exact(balance.amount).lessThan(exact(was.amount));

/** Whether the account has enough for an order, as far as it tells. */
export const canBeOrdered = (account: Account): boolean =>
  account.balance !== undefined && exact(account.balance.amount).greaterThan(0) && !isBelowMinimum(account);

/** Whether the balance is below the minimum but not empty: PP answers "not enough money" to both, and only the numbers tell them apart. */
export const isBelowMinimum = ({ balance, minPayout }: Account): boolean =>
  balance !== undefined &&
  minPayout !== undefined &&
  exact(balance.amount).greaterThan(0) &&
  exact(balance.amount).lessThan(exact(minPayout.amount));

/** `get_info` as payout methods; the fee is called `comission` in one API and `commission` in the other. */
export const listPayoutMethods = infoExchange<Record<string, never>, PayoutMethod[]>(
  'list-payout-methods',
  data =>
    readRows(data.at('items'))
      .reverse()
      .map(({ id, fields }) => ({
        id,
        title: textOf(fields.at('title')) ?? id,
        fee: numberOrText(fields.at('comission')) ?? numberOrText(fields.at('commission')),
        receives: numberOrText(fields.at('amount')),
      })),
);

// "0%" is a percentage; "1 USD + 2%" stays text.
const numberOrText = (field: Reader): string | undefined => field.decimal() ?? textOf(field);

/** The balance in its currency. */
export const getReferralSummary = steps(readBalance, function* (_, context) {
  return yield* send(readBalance, { currency: yield* baseCurrency(context) });
});

/** Balance and smallest payout in their currency. */
export const getProgram = steps(readProgram, function* (_, context) {
  return yield* send(readProgram, { currency: yield* baseCurrency(context) });
});

/** The check of a connection: a key that may read the balance is valid. */
export const checkKey = infoExchange<Record<string, never>, { methods: number }>('check-key', data => ({
  methods: readRows(data.at('items')).length,
}));
