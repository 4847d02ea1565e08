import type { CustomerData, Page, PageAsk } from '#canonical';
import { Unreadable, defineExchange, isWithin, send, steps } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import { customerOf } from './customer.js';
import { RecreativUser } from './models.js';
import { readAs } from './answer-fields.js';
import { MOST_PAGES, YII_PAGE, isBare, mayBeCut } from './paging.js';
import { get, sheetOf, wholeOf } from './wire.js';
import type { Sheet } from './wire.js';

/** Yii sends at most 50 rows a page, whatever is requested. */
export const LARGEST_PAGE = 50;

interface UsersAsk {
  page: number;
  size: number;
}

/** A page of users; `bare` = the number of pages is unknown, without headers. */
export interface UsersPage extends Sheet<RecreativUser> {
  bare: boolean;
}

/** A page of the account's referrals; a server without paging sends all. */
export const users = defineExchange<UsersAsk, UsersPage>({
  name: 'users',
  call: 'GET /advertiser/users',
  retryClass: 'read',
  request: ({ page, size }) => get('/advertiser/users', { 'per-page': String(size) }, page),
  read: (answer, { page }) => ({
    ...sheetOf(answer, page, row => readAs(RecreativUser, row)),
    bare: isBare(answer),
  }),
});

/** Whether there may be another page: headers say so, or there are no headers and this page looks full. */
function goesOn({ rows, skipped = 0, more, bare }: UsersPage, size: number): boolean {
  const came = rows.length + skipped;
  return more || (bare && (came >= size || came === YII_PAGE));
}

/** All accounts that are listed; `isCut` = there may be more. */
interface Everyone {
  rows: RecreativUser[];
  isCut: boolean;
}

/** All referrals of the account. */
export function* everyUser(): PlanRun<RecreativUser[]> {
  return (yield* readAll(false)).rows;
}

/** The same for a verdict: no row may be unreadable or left out. */
export const everyUserSurely = (): PlanRun<Everyone> => readAll(true);

/** A server that repeats its page gets two requests, and its rows count once. */
function* readAll(whole: boolean): PlanRun<Everyone> {
  const rows = new Map<string, RecreativUser>();
  for (let page = 1; page <= MOST_PAGES; page++) {
    const sheet = yield* send(users, { page, size: LARGEST_PAGE });
    if (whole) wholeOf(sheet);
    const known = sheet.rows.every(({ id }) => rows.has(id));
    sheet.rows.forEach(row => rows.set(row.id, row));
    // Without headers, a page of any length may be full: only the next request shows that none follows. What is only shown
    // need not be that sure.
    const goes = whole ? sheet.more || sheet.bare : goesOn(sheet, LARGEST_PAGE);
    // The second page is the first one again: this server has no pages, but it may have a limit.
    const isOnePage = page === 2 && sheet.bare && sheet.rows.length > 0;
    if (known || !goes) return { rows: [...rows.values()], isCut: isOnePage && mayBeCut(rows.size) };
  }
  throw new Unreadable('', `has more than ${MOST_PAGES} pages`);
}

/** The position of the next page: Recreativ's page, the offset in it, its size, and the first row of the page before. */
interface Mark extends UsersAsk {
  offset: number;
  seen?: string;
}

/** One page of customers in Recreativ's own order; `from` and `to` are compared here with the day of registration. */
export const listCustomers = steps(users, function* (ask: PageAsk, context): PlanRun<Page<CustomerData>> {
  const mark = markOf(ask);
  const { page, size, offset, seen } = mark;
  const sheet = yield* send(users, { page, size });
  const first = sheet.rows[0]?.id;
  // The next page has the same rows: this server has no paging, and all rows were already sent.
  if (first === undefined || (first === seen && offset === 0)) return { data: [] };
  const rows = [...new Map(sheet.rows.map(row => [row.id, row])).values()];
  const shown = rows.slice(offset, offset + ask.limit);
  const end = offset + shown.length;
  const next = end < rows.length ? { page, offset: end } : pageAfter(mark, sheet);
  const data = shown.map(row => customerOf(row, context)).filter(({ joinedAt }) => isWithin(joinedAt, ask));
  return next ? { data, next: [next.page, size, next.offset, first].join('/') } : { data };
});

function markOf({ cursor, limit }: PageAsk): Mark {
  const [, page, size, offset, seen] = /^(\d+)\/(\d+)\/(\d+)\/(.+)$/.exec(cursor ?? '') ?? [];
  if (!page) return { page: 1, size: Math.min(limit, LARGEST_PAGE), offset: 0 };
  return { page: Number(page), size: Number(size), offset: Number(offset), seen };
}

// Without headers, a full page may be the last one; the first row of the next request shows it.
const pageAfter = ({ page, size }: Mark, sheet: UsersPage) =>
  goesOn(sheet, size) ? { page: page + 1, offset: 0 } : undefined;
