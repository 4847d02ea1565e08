import type { ConversionData, PageAsk } from '#canonical';
import { send, steps } from '#adapter-kit';
import type { Reader } from '#adapter-kit';
import { baseCurrency, moneyOf } from './currency.js';
import { listRead } from './list-read.js';
import { pageOf, rowsOf, within } from './rows.js';
import type { Row, SpanPage } from './rows.js';
import { pageInSpans } from './spans.js';
import type { Span } from './spans.js';
import { textOf } from './text.js';

/** Exchanges of a partner's visitors, newest first; `currency` is the base currency of the rewards. */
export const listExchanges = listRead<PageAsk & Span & { currency: string }, SpanPage<ConversionData>>(
  'get_exchanges',
  {
    name: 'list-exchanges',
    call: 'get_exchanges',
    read: (answer, ask) => pageOf(within(rowsOf(answer), ask), ask, row => conversionOf(row, ask.currency)),
  },
);

/** The exchanges with their rewards in the base currency. */
export const listConversions = steps(listExchanges, function* (ask: PageAsk, context) {
  const currency = yield* baseCurrency(context);
  return yield* pageInSpans(ask, context.now, {
    page: span => send(listExchanges, { ...span, currency }),
    timeOf: ({ occurredAt }) => occurredAt,
  });
});

function conversionOf({ id, at, fields }: Row, currency: string): ConversionData | undefined {
  // Without it the value of the exchange is unknown.
  if (fields.at('accrued').text() === undefined) return undefined;
  return {
    providerRef: id,
    status: statusOf(fields),
    providerStatus: lastWord(fields) ?? fields.at('accrued').text(),
    amount: moneyOf(fields.at('amount_give'), fields.at('currency_code_give')),
    reward: moneyOf(fields.at('partner_reward'), currency),
    occurredAt: at,
  };
}

// The engine's statuses of an exchange without a reward, in the languages that sites use.
const ended = /cancel|delet|refus|reject|return|revers|отмен|отказ|удал[её]н|возврат/i;

const done = /^(success|выполнен)/i;

/**
 * The status by the accrual of the reward. The provider does not report clawbacks: the gateway, which may have seen it
 * accrued before, turns such a `pending` into `reversed`. Here that is only known if the status of the exchange says that it has ended, or if its
 * history contains a later status after its success.
 */
export function statusOf(fields: Reader): ConversionData['status'] {
  const accrued = fields.at('accrued');
  if (accrued.flag() === true) return 'approved';
  const last = lastWord(fields) ?? '';
  if (ended.test(last)) return 'reversed';
  const left = !done.test(last) && history(fields).some(({ word }) => done.test(word));
  return left && fields.at('exchange_success').flag() !== true && accrued.flag() === false
    ? 'reversed'
    : 'pending';
}

const lastWord = (fields: Reader): string | undefined =>
  textOf(fields.at('status')) ?? history(fields).at(-1)?.word;

// The form of the history is not documented: texts, or objects with a status; with times they can be sorted.
function history(fields: Reader): { word: string; time: number }[] {
  return fields
    .at('statuses')
    .list()
    .flatMap(entry => {
      const word = textOf(entry.at('status')) ?? textOf(entry.at('title')) ?? textOf(entry);
      const time = Number(entry.at('time').decimal() ?? Number.NaN);
      return word === undefined ? [] : [{ word, time }];
    })
    .sort((a, b) => (Number.isNaN(a.time - b.time) ? 0 : a.time - b.time));
}
