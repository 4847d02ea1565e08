import { Unreadable, isRecord, reader } from '#adapter-kit';
import type { Reader, WireAnswer, WireRequest } from '#adapter-kit';
import { readRange, utcDay } from '#canonical';
import { contentOf } from './content.js';
import { YII_PAGE, contradict, isBare, paging } from './paging.js';

/** The input of a list that is read page by page. */
export type Paged<Ask> = Ask & { page: number };

/** One page of a list; `more` = another page follows, according to the headers or the envelope. */
export interface Sheet<T> {
  rows: T[];
  more: boolean;
  /** The number of pages is unknown, and this one is as long as Yii's default page. */
  full?: true;
  /** The number of unreadable rows, which are left out; absent = none. */
  skipped?: number;
  /** The answer was an empty value of PHP (`null`, `false`, `{}`): no rows to show, but no proof that there are none. */
  blank?: true;
}

/** The object of an answer, or of a list with one element. */
export function recordOf(answer: WireAnswer): Reader {
  const content = contentOf(answer);
  return reader(Array.isArray(content) && content.length === 1 ? content[0] : content).needRecord();
}

/** The same, if it is the requested one; throws for another one, such as the token's own account. Not every answer has an id. */
export function objectOf(answer: WireAnswer, id: string): Reader {
  const row = recordOf(answer);
  requireId(row.at('id'), id);
  return row;
}

/** Throws if the id in an answer is not among those that it may be. */
export function requireId(field: Reader, ...ids: string[]): void {
  const found = field.text();
  if (found !== undefined && !ids.includes(found))
    throw new Unreadable(field.pointer, 'is the id of another object');
}

/** The rows of an answer: a list, an empty XML element, a list in `items`, or rows keyed by a name. */
export const rowsOf = (answer: WireAnswer): Reader[] => listOf(answer).map(row => row.needRecord());

function listOf(answer: WireAnswer): Reader[] {
  const content = contentOf(answer);
  if (isBlank(content)) return [];
  return reader(isRecord(content) ? rowsWithin(content) : content).needList();
}

/** An empty value of PHP, alone or in an envelope without an error. */
function isBlank(content: unknown): boolean {
  if (content === null || content === false || content === '') return true;
  if (!isRecord(content)) return false;
  if (Object.keys(content).length === 0) return true;
  if (['error', 'errors', 'message'].some(name => name in content)) return false;
  const [inner, ...others] = ['items', 'data', 'result'].filter(name => name in content);
  return inner !== undefined && others.length === 0 && isBlank(content[inner]);
}

function rowsWithin(content: Record<string, unknown>): unknown {
  if (Array.isArray(content['items'])) return content['items'];
  const values = Object.values(content);
  return values.length > 0 && values.every(isRecord) ? values : content;
}

/** The rows that `expand` adds to the requested object; an answer with only the list is accepted too. */
export function expandedOf(answer: WireAnswer, name: string, id: string): Reader[] {
  const content = contentOf(answer);
  if (Array.isArray(content) && !(content.length === 1 && isRecord(content[0]) && name in content[0]))
    return rowsOf(answer);
  const inner = objectOf(answer, id).at(name);
  if (inner.value === null) return [];
  if (inner.value === undefined) throw new Unreadable(inner.pointer, 'is missing');
  if (typeof inner.value !== 'object' && !isBlank(inner.value))
    throw new Unreadable(inner.pointer, 'is not a list');
  return inner.list().map(row => row.needRecord());
}

/**
 * One page of rows. Paging is not documented, so only Yii's headers, or its `_meta`, say that there are more. An unreadable
 * row does not affect the others, unless there is no other.
 */
export function sheetOf<T>(answer: WireAnswer, page: number, read: (row: Reader) => T): Sheet<T> {
  const { current, pages, ...counts } = paging(answer);
  // Another page than requested: the server repeats its last page, and these rows were read before.
  if (current !== undefined && current !== page && page > 1) return { rows: [], more: false };
  const came = listOf(answer);
  const rows = came.flatMap(row => readOr(row, read));
  if (rows.length === 0) came.slice(0, 1).forEach(row => read(row.needRecord()));
  const skipped = came.length - rows.length;
  const next = pages === undefined ? /rel="?next\b/.test(answer.headers['link'] ?? '') : page < pages;
  const odd = !next && contradict(counts, page, came.length);
  const full = odd || (isBare(answer) && came.length === YII_PAGE);
  return {
    rows,
    more: (next || odd) && rows.length > 0,
    ...(full && { full }),
    ...(skipped > 0 && { skipped }),
    ...(answer.format !== 'xml' && isBlank(contentOf(answer)) && { blank: true as const }),
  };
}

function readOr<T>(row: Reader, read: (row: Reader) => T): T[] {
  try {
    return [read(row.needRecord())];
  } catch (error) {
    if (error instanceof Unreadable) return [];
    throw error;
  }
}

/** The page if a verdict depends on it: an unreadable row may be the wanted one. */
export function wholeOf<T, S extends Sheet<T>>(sheet: S): S {
  if (sheet.skipped !== undefined) throw new Unreadable('', 'has a row that cannot be read');
  if (sheet.blank) throw new Unreadable('', 'is not a list');
  return sheet;
}

/** A read; `page` is sent from the second page on. */
export const get = (path: string, query: WireRequest['query'] = {}, page = 1): WireRequest => ({
  method: 'GET',
  path,
  query: { ...query, ...(page > 1 && { page: String(page) }) },
});

/** The days of a period in Recreativ's format; its reports have no hours. */
export const days = ({ from, to }: { from?: Date; to?: Date }) => ({
  ...(from && { dateFrom: utcDay(from) }),
  ...(to && { dateTo: utcDay(to) }),
});

/** The same for the period in a query. */
export const windowOf = (query: { from?: string; to?: string } | undefined) =>
  days(readRange(query?.from, query?.to));
