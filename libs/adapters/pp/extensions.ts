import { IsDayOrMoment, readRange } from '#canonical';
import { defineExchange, send, steps } from '#adapter-kit';
import type { Extension, ExtensionAsk, Reader } from '#adapter-kit';
import { undocumented } from './refusal.js';
import { request } from './request.js';
import type { Method } from './request.js';
import { dataOf, rowsOf, windowForm, within } from './rows.js';
import { orRefused } from './spans.js';
import { textOf } from './text.js';

/** The window of a report, by the site's own clock. */
export class PpWindow {
  @IsDayOrMoment({ description: "Start of the period, in the site's local time.", optional: true })
  from?: string;

  @IsDayOrMoment({ description: "End of the period, in the site's local time.", optional: true })
  to?: string;
}

type Rows = Record<string, unknown>[];

const report = (name: string, method: Method) =>
  defineExchange<ExtensionAsk<PpWindow>, Rows>({
    name,
    call: `${method} (in full)`,
    retryClass: 'read',
    accepts: undocumented,
    request: ({ query }, context) => request(method, context, windowForm(readRange(query?.from, query?.to))),
    read: (answer, { query }) =>
      within(rowsOf(answer), readRange(query?.from, query?.to)).map(({ id, fields }) => ({
        id,
        ...(allFields(fields) as object),
      })),
  });

/** `get_info` in full. */
export const info = defineExchange<ExtensionAsk, unknown>({
  name: 'info',
  call: 'get_info (in full)',
  retryClass: 'read',
  accepts: undocumented,
  request: (_, context) => request('get_info', context),
  read: answer => allFields(dataOf(answer).needRecord()),
});

/** `get_links` in full. */
export const clicks = report('clicks', 'get_links');

/** `get_exchanges` in full. */
export const exchanges = report('exchanges', 'get_exchanges');

const inFull = (exchange: typeof clicks) =>
  steps(exchange, (ask: ExtensionAsk<PpWindow>) => orRefused(send(exchange, ask)));

/** All fields of an answer: names in camelCase, every value as text, entities decoded. */
function allFields(field: Reader): unknown {
  const { value } = field;
  if (value === null) return null;
  if (typeof value !== 'object') return textOf(field) ?? '';
  if (Array.isArray(value)) return field.list().map(allFields);
  return Object.fromEntries(Object.keys(value ?? {}).map(key => [camel(key), allFields(field.at(key))]));
}

const camel = (name: string): string =>
  name.replace(/_+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());

/** The provider's reports with all their fields. */
export const extensions: Record<string, Extension> = {
  info: {
    method: 'GET',
    path: 'info',
    summary: 'Read the balance, the smallest payout and the payout methods, with all fields',
    laneClass: 'bulk',
    does: info,
  },
  clicks: {
    method: 'GET',
    path: 'clicks',
    summary: 'List visits by the partner link, with all fields',
    query: PpWindow,
    list: true,
    laneClass: 'bulk',
    does: inFull(clicks),
  },
  exchanges: {
    method: 'GET',
    path: 'exchanges',
    summary: 'List exchanges of the partner’s visitors, with all fields',
    query: PpWindow,
    list: true,
    laneClass: 'bulk',
    does: inFull(exchanges),
  },
};
