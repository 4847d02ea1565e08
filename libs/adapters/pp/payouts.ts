import type { Page, PageAsk, PayoutData } from '#canonical';
import { defineExchange } from '#adapter-kit';
import { moneyOf } from './currency.js';
import { undocumented } from './refusal.js';
import { request } from './request.js';
import { everyRowOf, pageOf, rowsOf, windowForm, within } from './rows.js';
import type { Row } from './rows.js';
import { textOf } from './text.js';

const statuses = new Map<string, PayoutData['status']>([
  ['0', 'pending'],
  ['1', 'paid'],
  ['2', 'rejected'],
  ['3', 'cancelled'],
]);

/** Payouts that were ordered, newest first; `status` is ours. */
export const listPayouts = defineExchange<PageAsk & { status?: string }, Page<PayoutData>>({
  name: 'list-payouts',
  call: 'get_payouts',
  retryClass: 'read',
  accepts: undocumented,
  request: (ask, context) => request('get_payouts', context, windowForm(ask)),
  read: (answer, ask) => {
    const rows = within(rowsOf(answer), ask);
    return pageOf(ask.status ? rows.filter(row => payoutOf(row).status === ask.status) : rows, ask, payoutOf);
  },
});

/** All payouts at once, for finding the one whose answer was lost. */
export const findPayouts = defineExchange<Record<string, never>, PayoutData[]>({
  name: 'find-payouts',
  call: 'get_payouts (reconcile)',
  retryClass: 'read',
  accepts: undocumented,
  request: (_, context) => request('get_payouts', context),
  read: answer => everyRowOf(answer).map(payoutOf),
});

/** The ids of all payouts before a new one is ordered; ids alone, since steps are stored and accounts are personal. */
export const knownPayouts = defineExchange<Record<string, never>, { ids: string[] }>({
  name: 'known-payouts',
  call: 'get_payouts (before)',
  retryClass: 'read',
  accepts: undocumented,
  request: (_, context) => request('get_payouts', context),
  read: answer => ({ ids: everyRowOf(answer).map(({ id }) => id) }),
});

const payoutOf = ({ id, at, fields }: Row): PayoutData => {
  const providerStatus = fields.at('status').text();
  return {
    providerRef: id,
    status: statuses.get(providerStatus ?? '') ?? 'other',
    providerStatus,
    methodId: fields.at('method_id').text(),
    account: textOf(fields.at('account')),
    amount: moneyOf(fields.at('pay_amount'), fields.at('pay_currency_code')),
    originalAmount: moneyOf(fields.at('original_amount'), fields.at('original_currency_code')),
    createdAt: at,
  };
};
