import type { ClickData, PageAsk } from '#canonical';
import { send, steps } from '#adapter-kit';
import { listRead } from './list-read.js';
import { pageOf, rowsOf, within } from './rows.js';
import type { Row, SpanPage } from './rows.js';
import { pageInSpans } from './spans.js';
import type { Span } from './spans.js';
import { textOf } from './text.js';

type ClicksAsk = PageAsk & Span & { ip?: string };

/** Visits by a partner's link (`get_links`, despite its name), newest first, as many as fit in one answer. */
export const readClicks = listRead<ClicksAsk, SpanPage<ClickData>>('get_links', {
  name: 'list-clicks',
  call: 'get_links',
  // `ip` is not sent: version 2.2 searches a column that its table lacks and returns an empty list.
  read: (answer, ask) => {
    const rows = within(rowsOf(answer), ask).filter(row => !ask.ip || ipOf(row) === ask.ip);
    return pageOf(rows, ask, clickOf);
  },
});

/** Visits, also if they do not fit in one answer. */
export const listClicks = steps(readClicks, (ask: ClicksAsk, { now }) =>
  pageInSpans(ask, now, { page: span => send(readClicks, span), timeOf: ({ at }) => at }),
);

function clickOf(row: Row): ClickData | undefined {
  // A time that is not a valid date stays text; a visit without a time is left out.
  const at = row.at ?? textOf(row.fields.at('date'));
  if (at === undefined) return undefined;
  return {
    providerRef: row.id,
    at,
    landingQuery: textOf(row.fields.at('query_string')),
    referrer: textOf(row.fields.at('referrer')),
    visitorHash: textOf(row.fields.at('user_hash')),
    userAgent: textOf(row.fields.at('browser')),
    ip: ipOf(row),
  };
}

const ipOf = ({ fields }: Row): string | undefined => textOf(fields.at('ip'))?.trim();
