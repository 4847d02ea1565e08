import type { Page, PageAsk } from '#canonical';
import { Unreadable } from '#adapter-kit';
import type { Reader } from '#adapter-kit';
import { listOf } from './body.js';
import { wrong } from './request.js';

/** The wire's page of an ask; our mark is `page/size`, so that a changed `limit` does not shift the pages. */
export function pageQuery(ask: PageAsk): { page: string; page_size: string } {
  const { page, size } = placeOf(ask);
  return { page: String(page), page_size: String(size) };
}

/** One page as Recca cut it; `next` by its page count, else until a page is empty. A page that repeats an earlier one is no page. */
export function pageOf<T>(body: Reader, list: string, ask: PageAsk, read: ReadRow<T>): Page<T> {
  const { page, size, begin } = placeOf(ask);
  const rows = listOf(body.at(list));
  const told = body.at('pagination');
  const pages = told.at('total_pages').decimal();
  const first = pages === undefined ? idOf(rows[0]) : undefined;
  const earlier = Number(told.at('page').decimal() ?? page) < page;
  if (earlier || (first !== undefined && first === begin)) return { data: [] };
  const more = pages === undefined ? mayGoOn(rows.length, size, first) : page < Number(pages);
  const next = [page + 1, size, ...(first === undefined ? [] : [first])].join('/');
  const data = readable(rows, read);
  // Not one that can be used is no odd row: Recca tells something else than we read.
  if (data.length === 0 && rows.length > 0) throw new Unreadable(`/${list}`, 'has no row that can be used');
  return { data, ...(more && rows.length > 0 ? { next } : {}) };
}

// Untold, pages may be smaller than was asked: only an empty one, or one that repeats, is sure to be the end. Rows
// without an id cannot be told to repeat.
const mayGoOn = (rows: number, size: number, first: string | undefined): boolean =>
  first === undefined ? rows >= size : rows > 0;

/** Reads a row; nothing for one that cannot be used. */
export type ReadRow<T> = (row: Reader) => T | undefined;

/** The rows that can be used: one that cannot does not cost its neighbours. */
export const readable = <T>(rows: Reader[], read: ReadRow<T>): T[] =>
  rows.flatMap(row => {
    const record = row.record();
    return (record && read(record)) ?? [];
  });

// Where no page count is told, the mark also keeps the row that its page began with.
function placeOf({ cursor, limit }: PageAsk): { page: number; size: number; begin?: string } {
  const [, page, size, begin] = /^(\d+)\/(\d+)(?:\/(.+))?$/.exec(cursor ?? '') ?? [];
  return page && size ? { page: Number(page), size: Number(size), begin } : { page: 1, size: limit };
}

const idNames = ['id', 'user_id', 'lead_id', 'transaction_id', 'bonus_id'];

const idOf = (row?: Reader): string | undefined =>
  idNames.map(name => row?.at(name).text()).find(id => id !== undefined);

/** Recca's lists have no dates to filter by: 422 rather than rows that nobody asked for. */
export function refuseDates({ from, to }: PageAsk): void {
  if (!from && !to) return;
  const detail = 'Recca cannot limit this list by time; leave `from` and `to` out.';
  throw wrong(from ? '/query/from' : '/query/to', detail, 'unsupported-field');
}
