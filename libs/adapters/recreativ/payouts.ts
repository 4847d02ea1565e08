import { money, providerTime } from '#canonical';
import type { Page, PageAsk, PayoutData } from '#canonical';
import { defineExchange, reader, steps } from '#adapter-kit';
import type { Context, PlanRun, Reader } from '#adapter-kit';
import type { RecreativSettings } from './settings.js';
import { everyRow, get, sheetOf } from './wire.js';
import type { Sheet } from './wire.js';

// Documented as "string", without values; anything that is not clearly one of these is `other`.
const words: [RegExp, PayoutData['status']][] = [
  [
    /^(paid( out)?|completed?|done|success(ful)?|(выплачен|оплачен|выполнен|завершен|исполнен|проведен)\S*)$/i,
    'paid',
  ],
  [
    /^(pending|waiting|wait|new|processing|in progress|ожида.*|в (ожидании|обработке|процессе).*|обрабатывается|нов\S+)$/i,
    'pending',
  ],
  [/^(rejected|declined|refused|denied|отклонен\S*|отказано)$/i, 'rejected'],
  [/^(cancell?ed|отменен\S*)$/i, 'cancelled'],
];

/** A page of the account's payouts. */
export const payments = defineExchange<{ page: number }, Sheet<PayoutData>>({
  name: 'payments',
  call: 'GET /webmaster/payment',
  retryClass: 'read',
  request: ({ page }) => get('/webmaster/payment', {}, page),
  read: (answer, { page }, { settings }: Context<RecreativSettings>) =>
    sheetOf(answer, page, row => payoutOf(row, settings)),
});

/** Payouts, newest first. Rows have no id at Recreativ, and none here: date, wallet and sum may repeat. */
export const listPayouts = steps(payments, function* (ask: PageAsk & { status?: string }): PlanRun<
  Page<PayoutData>
> {
  const rows = (yield* everyRow(payments, {})).filter(
    row => within(row, ask) && (ask.status === undefined || row.status === ask.status),
  );
  rows.sort((a, b) => timeOf(b) - timeOf(a));
  // The cursor is the number of remaining rows, counted from the oldest: a new payout shifts nothing.
  const rest = ask.cursor === undefined ? rows : rows.slice(-Number(ask.cursor));
  const left = rest.length - ask.limit;
  return { data: rest.slice(0, ask.limit), ...(left > 0 && { next: String(left) }) };
});

function payoutOf(row: Reader, { currency }: RecreativSettings): PayoutData {
  // A row without both is not a payout.
  const providerStatus = row.at('amount').present ? row.at('status').text() : row.at('status').needText();
  const plain = providerStatus?.trim().replaceAll('ё', 'е') ?? '';
  const wallet = row.at('wallet').text();
  const amount = row.at('amount').decimal();
  const date = row.at('date').text();
  return {
    status: words.find(([word]) => word.test(plain))?.[1] ?? 'other',
    ...(providerStatus !== undefined && { providerStatus }),
    // Documented as "Метод оплаты": the name of a method, or a wallet with its number; only the name is shown in full.
    ...(wallet !== undefined && { account: wallet, ...(/\d{4}|@/.test(wallet) ? {} : { methodId: wallet }) }),
    ...(amount !== undefined && { amount: money(amount, currency) }),
    ...(date !== undefined && { createdAt: providerTime(date) }),
  };
}

const timeOf = ({ createdAt }: PayoutData): number => new Date(reader(createdAt).time() ?? 0).getTime();

function within(row: PayoutData, { from, to }: PageAsk): boolean {
  const time = timeOf(row);
  // A payout without a date is not left out.
  return time === 0 || ((!from || time >= from.getTime()) && (!to || time <= to.getTime()));
}
