import type { ClickData, Page, PageAsk } from '#canonical';
import { defineExchange } from '#adapter-kit';
import { request } from './request.js';
import { pageOf, rowsOf, windowForm, within } from './rows.js';
import type { Row } from './rows.js';
import { textOf } from './text.js';

/** Visits by a partner's link (`get_links`, despite its name), newest first. */
export const listClicks = defineExchange<PageAsk & { ip?: string }, Page<ClickData>>({
  name: 'list-clicks',
  call: 'get_links',
  retryClass: 'read',
  accepts: [501],
  // `ip` is not sent: version 2.2 looks for it in a column that its table lacks and answers an empty list.
  request: (ask, context) => request('get_links', context, windowForm(ask)),
  read: (answer, ask) => {
    const rows = within(rowsOf(answer), ask).filter(row => !ask.ip || ipOf(row) === ask.ip);
    return pageOf(rows, ask, clickOf);
  },
});

const clickOf = (row: Row): ClickData => ({
  providerRef: row.id,
  // What is not a real date stays the text that it is.
  at: row.at ?? textOf(row.fields.at('date')) ?? row.fields.at('time').needTime(),
  landingQuery: textOf(row.fields.at('query_string')),
  referrer: textOf(row.fields.at('referrer')),
  visitorHash: textOf(row.fields.at('user_hash')),
  userAgent: textOf(row.fields.at('browser')),
  ip: ipOf(row),
});

const ipOf = ({ fields }: Row): string | undefined => textOf(fields.at('ip'))?.trim();
