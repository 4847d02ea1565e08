import { defineExchange, reader, segment, send } from '#adapter-kit';
import type { PlanRun, ReconcileContext } from '#adapter-kit';
import { contentOf, fieldOf, pageRowsOf } from './content.js';
import type { PageRead } from './content.js';
import { readEntry } from './operation.js';
import type { LedgerEntry } from './operation.js';
import { udsRequest } from './request.js';

interface LedgerPage {
  rows: LedgerEntry[];
  cursor?: string;
  /** Nothing older follows: UDS says so, or the page is full by no measure. */
  ended: boolean;
  /** How far the clock of UDS is ahead of ours by its own headers (ms). */
  aheadMs?: number;
}

const PAGE_SIZE = 50;
/** What UDS shows where it does not heed the size that was asked for. */
const USUAL_PAGE_SIZE = 10;

/** `GET /operations`: one page of the ledger, newest first. */
export const listOperations = defineExchange<{ cursor?: string }, LedgerPage>({
  name: 'listOperations',
  call: 'GET /operations',
  retryClass: 'read',
  errors: { notFound: 'not-found' },
  request: ({ cursor }, context) =>
    udsRequest({ method: 'GET', path: '/operations', query: { max: String(PAGE_SIZE), cursor } }, context),
  read: ({ body, headers }, { cursor: asked }, { now }) => {
    const clock = reader(headers['x-timestamp'] ?? headers['date']).time();
    const told = pageRowsOf(body);
    const cursor = fieldOf(told.page, 'cursor');
    return {
      rows: told.rows.map(readEntry),
      cursor: cursor.text(),
      ended: endsWith(told, asked === undefined),
      aheadMs: clock === undefined ? undefined : Date.parse(clock) - now.getTime(),
    };
  },
});

// "Absent" hangs on this: what counts more rows than it shows goes on, and nothing in an odd form is no sure nothing.
function endsWith({ rows, page, documented }: PageRead, first: boolean): boolean {
  const cursor = fieldOf(page, 'cursor');
  if (first && Number(fieldOf(page, 'total').decimal() ?? 0) > rows.length) return false;
  if (cursor.value === null) return true;
  return cursor.text() === undefined && rows.length < USUAL_PAGE_SIZE && (documented || rows.length > 0);
}

/** `GET /operations/{id}`. */
export const getOperation = defineExchange<{ id: string }, LedgerEntry>({
  name: 'getOperation',
  call: 'GET /operations/{id}',
  retryClass: 'read',
  errors: { notFound: 'not-found' },
  request: ({ id }, context) => udsRequest({ method: 'GET', path: `/operations/${segment(id)}` }, context),
  read: ({ body }) => {
    const operation = contentOf(body);
    fieldOf(operation, 'id').needText();
    return readEntry(operation);
  },
});

/** When an entry was written, seen from the first send: after it, so shortly before that a clock may be wrong, or long before. */
export type When = 'after' | 'near' | 'before';

/** What the ledger holds since a write was first sent. */
export interface RecentLedger {
  entries: { entry: LedgerEntry; when: When }[];
  /** Everything since then was seen: only then "not there" means something. */
  complete: boolean;
}

/** Pages that the glance and each of the first looks read; a longer ledger is read by the later ones, since every page takes a start from the lane. */
const PAGES = [1, 5, 5];
const MOST_PAGES = 40;
const SURELY_MS = 60_000;
const CLOCKS_DIFFER_MS = 10 * 60_000;
/** Local times are that far from UTC at the most. */
const ZONES_DIFFER_MS = 14 * 3_600_000;

/** Reads the ledger from the newest entry back to ten minutes before the first send; five pages at first, forty (2,000 entries) in the end. A glance reads one, and sees only what was written since, where that is not all. */
export function* recentLedger({
  firstSentAt,
  tries,
}: Pick<ReconcileContext, 'firstSentAt' | 'tries'>): PlanRun<RecentLedger> {
  const entries: RecentLedger['entries'] = [];
  const ids = new Set<string>();
  const read = (complete: boolean): RecentLedger => ({
    entries: complete || tries > 0 ? entries : entries.filter(({ when }) => when === 'after'),
    complete,
  });
  let cursor: string | undefined;
  for (let left = PAGES[tries] ?? MOST_PAGES; left > 0; left -= 1) {
    const { rows, cursor: next, ended, aheadMs = 0 } = yield* send(listOperations, { cursor });
    const seen = rows.map(entry => ({ entry, when: whenOf(entry, aheadMs, firstSentAt) }));
    entries.push(...seen.filter(({ entry, when }) => when !== 'before' && !isKnown(entry, ids)));
    if (descends(rows) && seen.at(-1)?.when === 'before') return read(true);
    if (next === undefined || next === cursor) return read(ended);
    cursor = next;
  }
  return read(false);
}

// New entries may shift the pages: what is told twice is one all the same.
function isKnown({ id }: LedgerEntry, ids: Set<string>): boolean {
  if (id === undefined) return false;
  const known = ids.has(id);
  ids.add(id);
  return known;
}

function whenOf({ time, zoneless }: LedgerEntry, aheadMs: number, firstSentAt: Date): When {
  if (time === undefined) return 'near';
  const since = Date.parse(time) - aheadMs - firstSentAt.getTime();
  if (since >= -SURELY_MS) return 'after';
  return since >= -CLOCKS_DIFFER_MS - (zoneless ? ZONES_DIFFER_MS : 0) ? 'near' : 'before';
}

// "Newest first" is how it is used, not documented: a page that is not so ordered must not end the search.
function descends(rows: LedgerEntry[]): boolean {
  const times = rows.map(({ time }) => (time === undefined ? Number.NaN : Date.parse(time)));
  return times.every((time, index) => index === 0 || time <= times[index - 1]!);
}
