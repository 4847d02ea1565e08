import { money, providerTime } from '#canonical';
import type { Page, PageAsk, PayoutData } from '#canonical';
import { defineExchange, isWithin, reader, steps } from '#adapter-kit';
import type { Context, PlanRun, Reader } from '#adapter-kit';
import { everyRow } from './every-row.js';
import type { RecreativSettings } from './settings.js';
import { get, sheetOf } from './wire.js';
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

/** Payouts, newest first. Rows have no id at Recreativ, and none here; date, payment method and sum may repeat. */
export const listPayouts = steps(payments, function* (ask: PageAsk & { status?: string }): PlanRun<
  Page<PayoutData>
> {
  const rows = numbered(newestFirst(yield* everyRow(payments, {}))).filter(
    row => isWithin(row.createdAt, ask) && (ask.status === undefined || row.status === ask.status),
  );
  // The cursor is the number of remaining rows, counted from the oldest: a new payout shifts nothing.
  const rest = ask.cursor === undefined ? rows : rows.slice(-Number(ask.cursor));
  const left = rest.length - ask.limit;
  return { data: rest.slice(0, ask.limit), ...(left > 0 && { next: String(left) }) };
});

// Those of one day stay as Recreativ lists them, whose order is not documented: the days at its ends show it.
function newestFirst(rows: PayoutData[]): PayoutData[] {
  const times = rows.map(timeOf).filter(time => time > 0);
  const listed = times.length > 0 && times[0]! < times.at(-1)! ? rows.toReversed() : rows;
  return listed.toSorted((a, b) => timeOf(b) - timeOf(a));
}

// Equal ones are told apart in the whole list, and from the oldest on: neither a filter nor a new payout changes a number.
function numbered(rows: PayoutData[]): PayoutData[] {
  const seen = new Map<string, number>();
  return rows
    .toReversed()
    .map(row => {
      const facts = JSON.stringify([row.createdAt, row.account, row.amount]);
      const nth = (seen.get(facts) ?? 0) + 1;
      seen.set(facts, nth);
      return nth === 1 ? row : { ...row, nth };
    })
    .toReversed();
}

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
    // Documented as "Метод оплаты": the name of a method, or one with the number of a purse; only the name is shown in full.
    ...(wallet !== undefined && { account: wallet, ...(/\d{4}|@/.test(wallet) ? {} : { methodId: wallet }) }),
    ...(amount !== undefined && { amount: money(amount, currency) }),
    ...(date !== undefined && { createdAt: providerTime(dayFirst(date)) }),
  };
}

const timeOf = ({ createdAt }: PayoutData): number => new Date(reader(createdAt).time() ?? 0).getTime();

// Russian software writes 01.11.2026.
const dayFirst = (date: string): string =>
  date.trim().replace(/^(\d\d)\.(\d\d)\.(\d{4})(?=$|[T ])/, '$3-$2-$1');
