import { defineExchange, reader, segment, sendAnew, Unanswered } from '#adapter-kit';
import type { PlanRun, ReconcileContext } from '#adapter-kit';
import { contentOf, fieldOf, pageRowsOf, USUAL_PAGE_SIZE } from './content.js';
import type { PageRead } from './content.js';
import { readEntry } from './operation.js';
import type { LedgerEntry } from './operation.js';
import { isNoSuchCall } from './refusals.js';
import { udsRequest } from './request.js';

interface LedgerPage {
  rows: LedgerEntry[];
  cursor?: string;
  /** There are no older rows: UDS says so, or the page is certainly not full. */
  ended: boolean;
  /** How far the clock of UDS is ahead of ours according to its headers (ms). */
  aheadMs?: number;
}

const PAGE_SIZE = 50;

/** `GET /operations`: one page of the ledger, newest first. */
export const listOperations = defineExchange<{ cursor?: string }, LedgerPage>({
  name: 'listOperations',
  call: 'GET /operations',
  retryClass: 'read',
  errors: { notFound: 'not-found' },
  request: ({ cursor }, context) =>
    udsRequest({ method: 'GET', path: '/operations', query: { max: String(PAGE_SIZE), cursor } }, context),
  read: ({ body, headers }, { cursor: requested }, { now }) => {
    const clock = reader(headers['x-timestamp'] ?? headers['date']).time();
    const list = pageRowsOf(body);
    const cursor = fieldOf(list.page, 'cursor');
    const rows = list.rows.map(readEntry);
    return {
      rows,
      cursor: cursor.text(),
      ended: isLast(list, requested === undefined) && rows.every(isOperation),
      aheadMs: clock === undefined ? undefined : Date.parse(clock) - now.getTime(),
    };
  },
});

// Every operation has an id. A row without one is something else (an envelope, for example), and ours may be inside it.
const isOperation = ({ id }: LedgerEntry): boolean => id !== undefined;

// "Absent" depends on this: a page with fewer rows than its total is not the last, and an empty page in an undocumented form
// does not prove that there are no rows.
function isLast({ rows, page, documented }: PageRead, first: boolean): boolean {
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

/** Whether the time of an entry says something: it has one, with its zone. */
export const hasTime = ({ time, zoneless }: LedgerEntry): boolean => time !== undefined && !zoneless;

/** UDS, or what answers in its place, has no list of operations at all: it speaks the document of 2020 only. */
export class NoLedger extends Unanswered {
  /** The page of a front server, which may have lost UDS for some minutes: a later read may find the list. */
  get mayPass(): boolean {
    return this.why.status !== undefined;
  }
}

/** An entry, and when it was written relative to the first send: after it, perhaps before it (within the error of a clock, or at a time without a zone), or long before. */
export interface SeenEntry {
  entry: LedgerEntry;
  when: 'after' | 'near' | 'before';
}

/** The entries of the ledger since a write was first sent. */
export interface RecentLedger {
  entries: SeenEntry[];
  /** What was read beyond them. Its times say that it is older, but only if the ledger and the header of the answer go by the same clock. */
  earlier: LedgerEntry[];
  /** All entries since then were read: only then "not found" proves anything. */
  complete: boolean;
}

/** Since when, and how far, the ledger is read. */
interface LedgerSearch extends Pick<ReconcileContext, 'firstSentAt' | 'tries'> {
  /** How much older than the send an entry may be and still count as new, in milliseconds, where the answer shows UDS's clock; a minute unless told. */
  clockMs?: number;
}

/** By how much the clock of UDS in a header may be misread, in milliseconds: it has whole seconds, as may the entries, and the answer takes its time. */
export const CLOCK_MS = 5_000;

/** The most pages that the early look-up and the first two read; later ones read more. Every page takes a slot of the lane. */
const PAGES = [1, 5, 5];
const MOST_PAGES = 40;
const SURELY_MS = 60_000;
const CLOCKS_DIFFER_MS = 10 * 60_000;
/** The largest difference between a local time and UTC. */
const ZONES_DIFFER_MS = 14 * 3_600_000;

/** Reads the ledger (throws `NoLedger` if there is none) from the newest entry back to ten minutes before the first send: at most five pages in the first look-ups, forty (2,000 entries) later. The early look-up (`tries` 0) reads one page, and if that is not everything, uses only the entries after the send. */
export function* recentLedger({
  firstSentAt,
  tries,
  clockMs = SURELY_MS,
}: LedgerSearch): PlanRun<RecentLedger> {
  const entries: SeenEntry[] = [];
  const earlier: LedgerEntry[] = [];
  const ids = new Set<string>();
  const read = (complete: boolean): RecentLedger => ({
    entries: complete || tries > 0 ? entries : entries.filter(({ when }) => when === 'after'),
    earlier,
    complete,
  });
  let cursor: string | undefined;
  for (let left = PAGES[tries] ?? MOST_PAGES; left > 0; left -= 1) {
    const { rows, cursor: next, ended, aheadMs } = yield* readPage(cursor);
    const since = {
      sentAt: firstSentAt.getTime() + (aheadMs ?? 0),
      slackMs: aheadMs === undefined ? SURELY_MS : clockMs,
    };
    const seen = rows.map(entry => ({ entry, when: whenOf(entry, since) }));
    const fresh = seen.filter(({ entry }) => !isKnown(entry, ids));
    entries.push(...fresh.filter(({ when }) => when !== 'before'));
    earlier.push(...fresh.filter(({ when }) => when === 'before').map(({ entry }) => entry));
    if (descends(rows) && seen.at(-1)?.when === 'before') return read(true);
    if (next === undefined || next === cursor) return read(ended);
    cursor = next;
  }
  return read(false);
}

function* readPage(cursor: string | undefined): PlanRun<LedgerPage> {
  try {
    // Never the page that an earlier attempt of the same write has read.
    return yield* sendAnew(listOperations, { cursor });
  } catch (error) {
    // Where the first page came, the call exists.
    if (cursor !== undefined || !isNoSuchCall(error)) throw error;
    throw new NoLedger('UDS knows no such call.', error instanceof Unanswered ? error.why : {});
  }
}

// New entries may shift the pages, so that an entry appears twice.
function isKnown({ id }: LedgerEntry, ids: Set<string>): boolean {
  if (id === undefined) return false;
  const known = ids.has(id);
  ids.add(id);
  return known;
}

// `sentAt` by the clock of UDS, in milliseconds since 1970.
function whenOf(
  { time, zoneless }: LedgerEntry,
  { sentAt, slackMs }: { sentAt: number; slackMs: number },
): SeenEntry['when'] {
  if (time === undefined) return 'near';
  const since = Date.parse(time) - sentAt;
  // A local time east of UTC looks later than it is, and never proves that an entry is new.
  if (zoneless) return since >= -CLOCKS_DIFFER_MS - ZONES_DIFFER_MS ? 'near' : 'before';
  if (since >= -slackMs) return 'after';
  return since >= -CLOCKS_DIFFER_MS ? 'near' : 'before';
}

// "Newest first" is observed, not documented: a page in another order must not end the search.
function descends(rows: LedgerEntry[]): boolean {
  const times = rows.map(({ time }) => Date.parse(time ?? ''));
  return times.every((time, index) => index === 0 || time <= times[index - 1]!);
}
