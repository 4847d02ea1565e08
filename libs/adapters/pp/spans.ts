import { Refusal } from '#canonical';
import type { Page, PageAsk, Range } from '#canonical';
import { Unanswered } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import { markAfter, timeOfMark } from './rows.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

// No site of this kind is older; beyond it there is nothing to ask for.
const OLDEST = 20 * 365 * DAY;
// Rows carry the site's wall clock, at most 14 hours ahead of UTC.
const AHEAD = 14 * HOUR;
// Each is a call of the lane.
const MOST_SPANS = 60;

/** A span of time; `dated` = it is one of several, and a row without a time belongs to none of them. */
export type Span = Range & { dated?: boolean };

/** What was told of a span of time, and whether older ones are left. */
interface Part<T> {
  told: T;
  older: boolean;
}

/**
 * Asks for the window at once; where that is more than one answer holds, in spans of time, newest first, which grow as
 * long as they can be told. PP cuts its lists by time and in no other way.
 */
export function* inSpans<T>(
  { from, to, newest = to }: Range & { newest?: Date },
  now: Date,
  ask: (span: Span) => PlanRun<T>,
  enough: (part: Part<T>) => boolean = () => false,
): PlanRun<T[]> {
  const whole = yield* orTooMuch(ask({ from, to }));
  if (whole) return [whole.told];
  const begin = from?.getTime() ?? now.getTime() - OLDEST;
  const parts: T[] = [];
  let end = newest?.getTime() ?? now.getTime() + AHEAD;
  let length = DAY;
  // What was too long once is tried again by and by: older times are often quieter.
  let longest = OLDEST;
  for (let call = 0; call < MOST_SPANS; call++) {
    const start = Math.max(begin, Math.round(end - length));
    const part = yield* orTooMuch(ask({ from: new Date(start), to: new Date(end), dated: true }));
    if (part) {
      parts.push(part.told);
      const older = start > begin;
      if (!older || enough({ told: part.told, older })) return parts;
      end = start - 1;
      length = Math.min(length * 2, longest);
      longest *= 1.5;
    } else if (length <= HOUR) break;
    else length = longest = Math.max(HOUR, length / 2);
  }
  throw tooMuch();
}

/** What a plan tells; nothing where the site's answer is more than is read. */
function* orTooMuch<T>(plan: PlanRun<T>): PlanRun<{ told: T } | undefined> {
  try {
    return { told: yield* plan };
  } catch (error) {
    if (error instanceof Unanswered && error.tooLarge) return undefined;
    throw error;
  }
}

/** The same, where no part would do: 422 with the way out. */
export function* orRefused<T>(plan: PlanRun<T>): PlanRun<T> {
  const whole = yield* orTooMuch(plan);
  if (!whole) throw tooMuch();
  return whole.told;
}

function tooMuch(): Refusal {
  const detail = 'PP tells all of this at once, which is more than can be read: ask for a shorter time.';
  return new Refusal('validation-failed', {
    detail,
    errors: [{ pointer: '/query/from', code: 'validation-failed', detail }],
  });
}

/** A page of a list that may be too long for one answer: the newest rows that the ask leaves, out of as many spans as it takes. */
export function* pageInSpans<T extends { providerRef?: string }>(
  ask: PageAsk,
  now: Date,
  { page, timeOf }: { page: (ask: PageAsk) => PlanRun<Page<T>>; timeOf: (row: T) => string | undefined },
): PlanRun<Page<T>> {
  const data: T[] = [];
  const after = ask.cursor === undefined ? undefined : timeOfMark(ask.cursor);
  const newest = after && (!ask.to || after < ask.to) ? after : ask.to;
  const span = function* (window: Span): PlanRun<Page<T>> {
    const told = yield* page({ ...ask, ...window, limit: ask.limit - data.length });
    data.push(...told.data);
    return told;
  };
  let more = false;
  const parts = yield* inSpans({ from: ask.from, to: ask.to, newest }, now, span, ({ older }) => {
    more = older && data.length >= ask.limit;
    return data.length >= ask.limit;
  });
  const last = data.at(-1);
  const next =
    parts.at(-1)?.next ?? (more && last ? markAfter({ at: timeOf(last), id: last.providerRef! }) : undefined);
  return { data, ...(next !== undefined && { next }) };
}
