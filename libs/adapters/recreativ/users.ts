import type { CustomerData, Page, PageAsk } from '#canonical';
import { Unreadable, defineExchange, reader, send, steps } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import { customerOf } from './customer.js';
import { RecreativUser } from './models.js';
import { readAs } from './told.js';
import { MOST_PAGES, YII_PAGE, get, isBare, sheetOf, wholeOf } from './wire.js';
import type { Sheet } from './wire.js';

/** Yii gives at most 50 rows a page, whatever is asked; more would only be cut down. */
export const LARGEST_PAGE = 50;

interface UsersAsk {
  page: number;
  size: number;
}

/** A page of users; `bare` = no header told how many pages there are. */
export interface UsersPage extends Sheet<RecreativUser> {
  bare: boolean;
}

/** The account's referrals, a page of them; a server that does not page answers all. */
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

/** Whether another page is worth showing: headers say so, or there are none and this one looks full. */
const goesOn = ({ more, bare }: Pick<UsersPage, 'more' | 'bare'>, count: number, size: number): boolean =>
  more || (bare && (count >= size || count === YII_PAGE));

const cameOn = ({ rows, skipped = 0 }: UsersPage): number => rows.length + skipped;

/** All referrals of the account, `whole` = not one may be unreadable; a server that answers every page alike is asked twice and believed once. */
export function* everyUser({ whole = false } = {}): PlanRun<RecreativUser[]> {
  const rows = new Map<string, RecreativUser>();
  for (let page = 1; page <= MOST_PAGES; page++) {
    const sheet = yield* send(users, { page, size: LARGEST_PAGE });
    if (whole) wholeOf(sheet);
    const known = sheet.rows.every(({ id }) => rows.has(id));
    sheet.rows.forEach(row => rows.set(row.id, row));
    // Without headers a page of any length may be a full one: only the next look shows that none follows.
    if (known || !(sheet.more || sheet.bare)) return [...rows.values()];
  }
  throw new Unreadable('', `has more than ${MOST_PAGES} pages`);
}

/** Where the next page begins: Recreativ's page, how far into it, its size, and the first row of the page before. */
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
  // Turning the page brought the same rows: this server knows no pages, and all of them were shown.
  if (first === undefined || (first === seen && offset === 0)) return { data: [] };
  const shown = sheet.rows.slice(offset, offset + ask.limit);
  const next = nextOf(mark, { sheet, end: offset + shown.length });
  const data = shown.map(row => customerOf(row, context)).filter(row => joinedWithin(row, ask));
  return next ? { data, next: [next.page, size, next.offset, first].join('/') } : { data };
});

function markOf({ cursor, limit }: PageAsk): Mark {
  const [, page, size, offset, seen] = /^(\d+)\/(\d+)\/(\d+)\/(.+)$/.exec(cursor ?? '') ?? [];
  if (!page) return { page: 1, size: Math.min(limit, LARGEST_PAGE), offset: 0 };
  return { page: Number(page), size: Number(size), offset: Number(offset), seen };
}

function nextOf({ page, size }: Mark, { sheet, end }: { sheet: UsersPage; end: number }) {
  if (end < sheet.rows.length) return { page, offset: end };
  // Without headers a full page may be the last one; the next look tells, by its first row.
  return goesOn(sheet, cameOn(sheet), size) ? { page: page + 1, offset: 0 } : undefined;
}

function joinedWithin({ joinedAt }: CustomerData, { from, to }: PageAsk): boolean {
  const at = reader(joinedAt).time();
  // A customer whose day is not known is not hidden.
  return !at || ((!from || new Date(at) >= from) && (!to || new Date(at) <= to));
}
