import { Unreadable, send } from '#adapter-kit';
import type { Exchange, PlanRun } from '#adapter-kit';
import { MOST_PAGES } from './paging.js';
import type { Sheet } from './wire.js';

/** Reads a list to its last page: the first request as documented, further ones if headers say so or a page looks full. */
export function* everyRow<Ask extends object, T extends object>(
  exchange: Exchange<Ask & { page: number }, Sheet<T>>,
  ask: Ask,
): PlanRun<T[]> {
  const rows: T[] = [];
  const seen = new Set<string>();
  let before: T[] | undefined;
  for (let page = 1; page <= MOST_PAGES; page++) {
    const sheet = yield* send(exchange, { ...ask, page });
    // A server without paging, or without another page, sends the same rows again.
    if (before && isSamePage(sheet.rows, before)) return rows;
    const ids = idsOf(sheet.rows) ?? [];
    // A row that moved to the next page meanwhile comes again.
    rows.push(...sheet.rows.filter((_, at) => !seen.has(ids[at] ?? '')));
    ids.forEach(id => seen.add(id));
    if (!sheet.more && !sheet.full) return rows;
    before = sheet.full && sheet.rows;
  }
  throw new Unreadable('', `has more than ${MOST_PAGES} pages`);
}

/** Rows of a report by day whose counters still move: today's, and yesterday's around midnight. */
const MOVING_ROWS = 2;

/** Whether two pages are the same rows, although their counters may have moved between the requests. */
function isSamePage(rows: readonly object[], before: readonly object[]): boolean {
  const [ids, others] = [idsOf(rows), idsOf(before)];
  if (ids && others) return ids.length === others.length && ids.every(id => others.includes(id));
  const texts = before.map(row => JSON.stringify(row));
  const moved = rows.filter((row, index) => JSON.stringify(row) !== texts[index]);
  return rows.length === before.length && moved.length <= MOVING_ROWS;
}

/** What tells the rows of a page apart; `undefined` where nothing does, as in a report of one subject by day. */
function idsOf(rows: readonly Named[]): string[] | undefined {
  const ids = rows.map(idOf).filter(id => id != null);
  return new Set(ids).size === rows.length ? ids : undefined;
}

interface Named {
  id?: string;
  siteId?: string | null;
  informerId?: string | null;
  subjectId?: string;
}

// A site has a multiplier for each of its blocks.
const idOf = ({ id, siteId, informerId, subjectId }: Named): string | undefined =>
  id ?? (siteId == null ? subjectId : `${siteId} ${informerId}`);
