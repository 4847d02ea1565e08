import { refusalAt } from '#canonical';
import type { Page, PageAsk } from '#canonical';
import { Unreadable } from '#adapter-kit';
import type { Reader } from '#adapter-kit';
import { listOf } from './body.js';

/** The page to request; our cursor is `page/size`, so that a changed `limit` does not shift the pages. */
export function pageQuery(ask: PageAsk): { page: string; page_size: string } {
  const { page, size } = placeOf(ask);
  return { page: String(page), page_size: String(size) };
}

/** One page of Recca; `next` by its page count, else until a page is empty. A page that repeats an earlier one does not count. */
export function pageOf<T extends Named>(body: Reader, list: string, ask: PageAsk, read: ReadRow<T>): Page<T> {
  const { page, size, begin } = placeOf(ask);
  const rows = listOf(body.at(list));
  const pagination = body.at('pagination');
  const pages = pageCount(pagination, page);
  const first = idOf(rows[0]);
  if (repeats({ page, begin }, { first, told: Number(pagination.at('page').decimal() ?? page), pages }))
    return { data: [] };
  const more =
    pages === undefined || tellsMore(pagination, { page, size, rows: rows.length })
      ? mayGoOn(rows.length, size, first)
      : page < pages;
  const next = [page + 1, size, ...(first === undefined ? [] : [first])].join('/');
  const data = unrepeated(usable(body.at(list), read));
  return { data, ...(more && rows.length > 0 ? { next } : {}) };
}

// Whether the server answered with an earlier page. One that counts from 0 calls our page 2 its page 1: that is the requested page if
// its first row differs from that of the page before.
function repeats(
  asked: { page: number; begin?: string },
  { first, told, pages }: { first?: string; told: number; pages?: number },
): boolean {
  const same = first === undefined || asked.begin === undefined ? undefined : first === asked.begin;
  if (asked.page === 1 || told >= asked.page) return pages === undefined && same === true;
  return told < asked.page - 1 || (same ?? true);
}

// One below the current page counts nothing: some servers write 0 for "unknown".
function pageCount(pagination: Reader, page: number): number | undefined {
  const pages = pagination.at('total_pages').whole();
  return pages !== undefined && pages >= page ? pages : undefined;
}

// More rows than there are up to this page: the number of pages may be counted for a larger page than Recca sends.
function tellsMore(pagination: Reader, at: { page: number; size: number; rows: number }): boolean {
  const size = pagination.at('page_size').whole() ?? at.size;
  return (pagination.at('total').whole() ?? 0) > (at.page - 1) * size + at.rows;
}

// Without a page count, pages may be smaller than requested: only an empty page, or a repeated one, is certainly the end. Rows
// without an id cannot be recognised as repeated.
const mayGoOn = (rows: number, size: number, first: string | undefined): boolean =>
  first === undefined ? rows >= size : rows > 0;

/** A row of a list, with its id where it has one. */
interface Named {
  providerRef?: string;
  customerRef?: string;
}

// A list that grows while it is read may have a row twice. Two equal rows without an id may be two bonuses.
function unrepeated<T extends Named>(data: T[]): T[] {
  const seen = new Set<string>();
  return data.filter(row => {
    if (row.providerRef === undefined && row.customerRef === undefined) return true;
    const text = JSON.stringify(row);
    return !seen.has(text) && seen.add(text);
  });
}

/** Reads a row; `undefined` for an unusable one. */
export type ReadRow<T> = (row: Reader) => T | undefined;

/** The usable rows of a list: an unusable one does not affect the others. Throws if there are rows and none can be used: then Recca sends another format. */
export function usable<T>(list: Reader, read: ReadRow<T>): T[] {
  const rows = listOf(list);
  const data = rows.flatMap(row => {
    const record = row.record();
    return (record && read(record)) ?? [];
  });
  if (data.length === 0 && rows.length > 0) throw new Unreadable(list.pointer, 'has no usable row');
  return data;
}

// The cursor also contains the first row of its page, where that has an id.
function placeOf({ cursor, limit }: PageAsk): { page: number; size: number; begin?: string } {
  const [, page, size, begin] = /^(\d+)\/(\d+)(?:\/(.+))?$/.exec(cursor ?? '') ?? [];
  return page && size ? { page: Number(page), size: Number(size), begin } : { page: 1, size: limit };
}

const idNames = ['id', 'user_id', 'lead_id', 'transaction_id', 'bonus_id'];

const idOf = (row?: Reader): string | undefined =>
  idNames.map(name => row?.at(name).text()).find(id => id !== undefined);

/** Recca's lists cannot be filtered by date: a 422 is better than rows outside the window. */
export function refuseDates({ from, to }: PageAsk): void {
  if (!from && !to) return;
  const detail = 'Recca cannot limit this list by time; omit `from` and `to`.';
  throw refusalAt(from ? '/query/from' : '/query/to', detail, 'unsupported-field');
}
