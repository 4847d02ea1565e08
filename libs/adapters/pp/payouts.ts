import type { PageAsk, PayoutData } from '#canonical';
import { send, steps } from '#adapter-kit';
import type { Exchange, PlanRun, Sender } from '#adapter-kit';
import { moneyOf } from './currency.js';
import { listRead } from './list-read.js';
import { everyRowOf, pageOf, rowsOf, within } from './rows.js';
import type { Row, SpanPage } from './rows.js';
import { orTooMuch, pageInSpans } from './spans.js';
import type { Span } from './spans.js';
import { textOf } from './text.js';

const statuses = new Map<string, PayoutData['status']>([
  ['0', 'pending'],
  ['1', 'paid'],
  ['2', 'rejected'],
  ['3', 'cancelled'],
]);

type PayoutsAsk = PageAsk & Span & { status?: string };

/** Ordered payouts, newest first, as many as fit in one answer; `status` is ours. */
export const readPayouts = listRead<PayoutsAsk, SpanPage<PayoutData>>('get_payouts', {
  name: 'list-payouts',
  call: 'get_payouts',
  read: (answer, ask) => {
    const rows = within(rowsOf(answer), ask);
    return pageOf(ask.status ? rows.filter(row => payoutOf(row).status === ask.status) : rows, ask, payoutOf);
  },
});

/** Ordered payouts, also if they do not fit in one answer. */
export const listPayouts = steps(readPayouts, (ask: PayoutsAsk, { now }) =>
  pageInSpans(ask, now, {
    page: span => send(readPayouts, span),
    timeOf: ({ createdAt }) => createdAt,
  }),
);

/** The start of a list of recent payouts; absent = all payouts. */
export interface Since {
  from?: Date;
}

/** All payouts at once, to find the one whose answer was lost. */
export const findPayouts = listRead<Since, PayoutData[]>('get_payouts', {
  name: 'find-payouts',
  call: 'get_payouts (reconcile)',
  read: answer => everyRowOf(answer).map(payoutOf),
});

/** The payouts before a new one is ordered; `narrow` = only of the last days, because the whole list exceeds the size limit. */
export interface KnownPayouts {
  ids: string[];
  narrow?: true;
}

/** The ids of all payouts before a new one is ordered; only ids, since steps are stored and accounts are personal data. */
export const knownPayouts = listRead<Since, KnownPayouts>('get_payouts', {
  name: 'known-payouts',
  call: 'get_payouts (before)',
  read: (answer, { from }) => ({
    ids: everyRowOf(answer).map(({ id }) => id),
    ...(from && { narrow: true as const }),
  }),
});

/** Requests all payouts, and if they exceed the size limit, those since a time that covers every time zone. */
export function* allOrSince<T>(
  exchange: Exchange<Since, T>,
  from: Date,
  via: Sender = send,
): PlanRun<{ result: T; narrow: boolean }> {
  const whole = yield* orTooMuch(via(exchange, {}));
  return whole ? { ...whole, narrow: false } : { result: yield* via(exchange, { from }), narrow: true };
}

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
