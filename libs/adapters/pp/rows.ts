import { Unreadable, isRecord, isWithin, reader } from '#adapter-kit';
import type { Reader, WireAnswer } from '#adapter-kit';
import type { Page, PageAsk, Range } from '#canonical';
import { WIDEST_OFFSET_MS } from './clock.js';
import { isSilent, saysNothingFound } from './refusal.js';
import { wallClock } from './text.js';

/** One row of `items`: its id (from the row, else its key in the object) and its local time. */
export interface Row {
  id: string;
  at?: string;
  fields: Reader;
}

/** `data` of a successful answer; PP leaves it out if it is empty, and the documentation shows the fields without it. */
export function dataOf(answer: WireAnswer): Reader {
  const body = reader(answer.body);
  if (!body.record() && answer.status >= 400)
    throw new Unreadable('', `is not an answer of the API (status ${answer.status})`);
  body.needRecord();
  const data = body.at('data');
  if (!data.present && answer.status < 400 && hasContent(body)) return body;
  // Without content only an explicit "no error" is an answer: `{}`, or an error of WordPress in JSON, which has `data` too, proves nothing.
  if (!hasContent(data) && !saysYes(body) && !saysNothingFound(body) && !isSilent(body))
    throw new Unreadable('/data', 'is missing, and nothing indicates success');
  if (!isNothing(data) && typeof data.value !== 'object') throw new Unreadable('/data', 'is not an object');
  return data;
}

// Clones write `status: "success"`, with `data` even if there are none: without, they may have them in another field.
const saysYes = (body: Reader): boolean =>
  body.at('error').flag() === false ||
  (body.at('data').value !== undefined && body.at('status').text()?.toLowerCase() === 'success');

// As documented, every answer with content has one of these.
const contentFields = ['items', 'balance', 'payout_id'];

const hasContent = (place: Reader): boolean => contentFields.some(name => place.at(name).present);

// PHP sends `""` and `false` instead of an empty value.
const isNothing = ({ present, value }: Reader): boolean => !present || value === '' || value === false;

/** The rows of an answer, newest first; rows without an id are left out, unless there are no others. */
export const rowsOf = (answer: WireAnswer): Row[] => readRows(itemsOf(answer));

// Without `items` there are none, unless `data` itself contains the rows.
function itemsOf(answer: WireAnswer): Reader {
  const data = dataOf(answer);
  const items = data.at('items');
  const inside = typeof data.value === 'object' ? Object.values(data.value ?? {}) : [];
  const bare = Array.isArray(data.value) || inside.every(isRecord);
  return bare && inside.length > 0 && !items.present ? data : items;
}

/** The same if money depends on them: one unreadable row makes the whole list unreadable. */
export function everyRowOf(answer: WireAnswer): Row[] {
  const items = itemsOf(answer);
  const rows = readRows(items);
  for (const row of items.list()) row.needRecord();
  if (rowsIn(items).includes(undefined)) throw new Unreadable(items.pointer, 'has rows without an id');
  return rows;
}

/** Rows, newest first: `items` is an object keyed by id, a list, one of PHP's empty values, or absent. */
export function readRows(items: Reader): Row[] {
  if (!isNothing(items) && typeof items.value !== 'object')
    throw new Unreadable(items.pointer, 'is not a list');
  return once(usable(rowsIn(items), items.pointer)).sort(newestFirst);
}

const rowsIn = (items: Reader): (Row | undefined)[] =>
  Array.isArray(items.value)
    ? items.list().map(fields => rowOf(fields))
    : Object.keys(items.value || {}).map(key => rowOf(items.at(key), key));

// A list may contain a row twice (a join in the site's query).
const once = (rows: Row[]): Row[] => [...new Map(rows.map(row => [row.id, row])).values()];

// If no row can be used, the problem is not a single row: the site sends another format.
function usable<T>(rows: (T | undefined)[], pointer: string): T[] {
  const found = rows.filter(row => row !== undefined);
  if (found.length === 0 && rows.length > 0) throw noUsableRow(pointer);
  return found;
}

/** The error of a list in another format. */
export const noUsableRow = (pointer = '/data/items'): Unreadable =>
  new Unreadable(pointer, 'has no usable row');

function rowOf(fields: Reader, key?: string): Row | undefined {
  const id = fields.at('id').text() ?? key;
  return id === undefined || !fields.record() ? undefined : { id, at: wallClock(fields), fields };
}

/** The window in the request, in seconds: widened, and rows outside are removed by `within`. */
export function windowForm({ from, to }: Range) {
  return {
    start_time: from && String(Math.floor((from.getTime() - WIDEST_OFFSET_MS) / 1000)),
    end_time: to && String(Math.ceil((to.getTime() + WIDEST_OFFSET_MS) / 1000)),
  };
}

/** The rows whose time is in the window, both ends included; a row without a time is kept unless `dated`. */
export const within = (rows: Row[], { dated, ...window }: Range & { dated?: boolean }): Row[] =>
  rows.filter(({ at }) => (at ? isWithin(at, window) : !dated));

/** A page of a span; `odd` = it has rows, but none that can be used. */
export type SpanPage<T> = Page<T> & { odd?: true };

/** Our page of the whole list that PP always sends, without unreadable rows; the cursor stays valid if rows are added or removed. */
export function pageOf<T>(
  rows: Row[],
  { limit, cursor, dated }: PageAsk & { dated?: boolean },
  read: (row: Row) => T | undefined,
): SpanPage<T> {
  const rest = cursor === undefined ? rows : rows.filter(row => newestFirst(markOf(cursor), row) < 0);
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  const more = rest.length > shown.length && last;
  const data = shown.map(read).filter(row => row !== undefined);
  if (data.length === 0 && rows.length > 0 && rows.every(row => read(row) === undefined)) {
    // Only the list as a whole shows whether the site sends another format.
    if (dated) return { data, odd: true };
    throw noUsableRow();
  }
  return {
    data,
    ...(more ? { next: markAfter(last) } : {}),
  };
}

/** The cursor of a page that ends with this row. */
export const markAfter = ({ at, id }: Mark): string => `${at ?? ''}/${id}`;

/** The time of the last row of the page before, if its cursor contains it. */
export const timeOfMark = (cursor: string): Date | undefined => {
  const { at } = markOf(cursor);
  return at === undefined ? undefined : new Date(at);
};

type Mark = Pick<Row, 'at' | 'id'>;

function markOf(cursor: string): Mark {
  const cut = cursor.indexOf('/');
  return { at: cursor.slice(0, cut) || undefined, id: cursor.slice(cut + 1) };
}

function newestFirst(a: Mark, b: Mark): number {
  if (a.at !== b.at) return (a.at ?? '') > (b.at ?? '') ? -1 : 1;
  // Ids are decimal numbers of any length; the longer one is later.
  if (a.id.length !== b.id.length) return b.id.length - a.id.length;
  return a.id === b.id ? 0 : a.id > b.id ? -1 : 1;
}
