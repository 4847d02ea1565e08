import { defineExchange, isWithin, send, steps } from '#adapter-kit';
import { Refusal } from '#canonical';
import type { CustomerData, Page, PageAsk, Program } from '#canonical';
import { pageRowsOf, USUAL_PAGE_SIZE } from './content.js';
import { readCustomer } from './customer.js';
import { getSettings } from './program.js';
import { udsRequest } from './request.js';

// UDS: `max` is at most 50, `offset` at most 10,000; beyond that only its own `cursor` works.
const LARGEST_PAGE = 50;
const LAST_OFFSET = 10_000;

interface CustomersAsk {
  limit: number;
  /** `c` + a cursor of UDS, or `o` + an offset, and `/` + the first row of the page before, where that has an id. */
  cursor?: string;
  program: Program;
}

/** `GET /customers`: one page; continues with the cursor if UDS returns one (its schema has none), else with an offset. */
export const customersPage = defineExchange<CustomersAsk, Page<CustomerData>>({
  name: 'listCustomers',
  call: 'GET /customers',
  retryClass: 'read',
  errors: { notFound: 'provider-contract-violation' },
  request: ({ limit, cursor }, context) =>
    udsRequest(
      { method: 'GET', path: '/customers', query: { max: String(pageSize(limit)), ...placeOf(cursor) } },
      context,
    ),
  read: ({ body }, ask) => {
    const { rows, page } = pageRowsOf(body);
    const data = rows.map(row => readCustomer(row, ask.program));
    const first = idOf(data[0]);
    // A server that ignores the offset sends the same page for ever.
    if (first !== undefined && first === firstBefore(ask.cursor)) return { data: [] };
    const told = { cursor: page.at('cursor').text(), total: page.at('total').whole() };
    const next = nextOf(rows.length, told, ask);
    return { data, next: next?.startsWith('o') && first !== undefined ? `${next}/${first}` : next };
  },
});

const idOf = (row: CustomerData | undefined): string | undefined =>
  row?.providerRefs['participantId'] ?? row?.providerRefs['uid'];
const pageSize = (limit: number): number => Math.min(limit, LARGEST_PAGE);
const offsetOf = (cursor: string | undefined): number =>
  cursor?.startsWith('o') ? Number(cursor.slice(1).split('/')[0]) : 0;
const firstBefore = (cursor: string | undefined): string | undefined =>
  /^o\d+\/(.+)$/.exec(cursor ?? '')?.[1];

function placeOf(cursor: string | undefined): Record<string, string> {
  if (cursor?.startsWith('c')) return { cursor: cursor.slice(1) };
  return cursor ? { offset: String(offsetOf(cursor)) } : {};
}

function nextOf(
  rows: number,
  { cursor: theirs, total = 0 }: { cursor?: string; total?: number },
  { limit, cursor }: CustomersAsk,
): string | undefined {
  // A cursor that repeats would be followed for ever.
  if (rows > 0 && theirs !== undefined && `c${theirs}` !== cursor) return `c${theirs}`;
  const next = offsetOf(cursor) + rows;
  const mayGoOn = rows >= Math.min(pageSize(limit), USUAL_PAGE_SIZE) || (rows > 0 && next < total);
  if (cursor?.startsWith('c') || !mayGoOn) return undefined;
  // No next page could be asked for there. A short one is the last, unless it has what UDS gives to whatever is requested.
  if (next > LAST_OFFSET && rows < pageSize(limit) && rows !== USUAL_PAGE_SIZE) return undefined;
  return `o${next}`;
}

/** The company's customers, at most 50 a page; UDS takes no dates, so `from` and `to` are compared here with the day they joined. */
export const listCustomers = steps<PageAsk, Page<CustomerData>>(customersPage, function* (ask) {
  const { limit, cursor } = ask;
  if (offsetOf(cursor) > LAST_OFFSET) throw endOfOffsets();
  const program = yield* send(getSettings, {});
  const page = yield* send(customersPage, { limit, cursor, program });
  return { ...page, data: page.data.filter(({ joinedAt }) => isWithin(joinedAt, ask)) };
});

// An error is better than a list that ends in the middle without saying so.
const endOfOffsets = () =>
  new Refusal('capability-not-supported', {
    capability: 'customer.list',
    detail: `UDS pages only through the first ${LAST_OFFSET} customers, and gave no cursor to read further.`,
  });
