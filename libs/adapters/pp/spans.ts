import { refusalAt } from '#canonical';
import type { Page, PageAsk, Range, Refusal } from '#canonical';
import { Unanswered } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import { DAY_MS, WIDEST_OFFSET_MS } from './clock.js';
import { markAfter, noUsableRow, timeOfMark } from './rows.js';
import type { SpanPage } from './rows.js';

const HOUR_MS = 3_600_000;
// No site of this kind is older, so there are no older rows.
const OLDEST_MS = 20 * 365 * DAY_MS;
// Each span takes a slot of the lane.
const MOST_SPANS = 60;

/** A span of time; `dated` = it is one of several, and a row without a time belongs to none of them. */
export type Span = Range & { dated?: boolean };

/** The result for a span of time, and whether older ones are left. */
interface Part<T> {
  result: T;
  older: boolean;
}

/**
 * Requests the window at once; if it does not fit in one answer, in spans of time, newest first, which grow as long as they
 * fit, and then all that is left, as soon as that fits. PP limits its lists by time only.
 */
export function* inSpans<T>(
  { from, to, newest = to }: Range & { newest?: Date },
  now: Date,
  ask: (span: Span) => PlanRun<T>,
  isEnough: (part: Part<T>) => boolean = () => false,
): PlanRun<T[]> {
  const whole = yield* orTooMuch(ask({ from, to }));
  if (whole) return [whole.result];
  const begin = from?.getTime() ?? now.getTime() - OLDEST_MS;
  const parts: T[] = [];
  let end = newest?.getTime() ?? now.getTime() + WIDEST_OFFSET_MS;
  let length = DAY_MS;
  // The limit grows again slowly: older times often have fewer rows.
  let longest = OLDEST_MS;
  // All that is left is asked for after 1, 2, 4 … spans: nobody knows how much it is, and twenty empty years take one call,
  // but a large rest should not cost one after each span.
  let [untilRest, pause] = [1, 1];
  for (let call = 0; call < MOST_SPANS; call++) {
    const start = Math.max(begin, Math.round(end - length));
    const part = yield* orTooMuch(ask({ from: new Date(start), to: new Date(end), dated: true }));
    if (!part) {
      if (length <= HOUR_MS) break;
      length = longest = Math.max(HOUR_MS, length / 2);
      continue;
    }
    parts.push(part.result);
    const older = start > begin;
    if (!older || isEnough({ result: part.result, older })) return parts;
    end = start - 1;
    length = Math.min(length * 2, longest);
    longest *= 1.5;
    if (--untilRest > 0) continue;
    const rest = yield* orTooMuch(ask({ from, to: new Date(end), dated: true }));
    if (rest) return [...parts, rest.result];
    pause *= 2;
    untilRest = pause;
  }
  throw tooMuch();
}

/** The result of a plan; `undefined` if the site's answer exceeds the size limit. */
export function* orTooMuch<T>(plan: PlanRun<T>): PlanRun<{ result: T } | undefined> {
  try {
    return { result: yield* plan };
  } catch (error) {
    if (error instanceof Unanswered && error.why.tooLarge) return undefined;
    throw error;
  }
}

/** The same, but throws a 422 with advice if the answer exceeds the size limit. */
export function* orRefused<T>(plan: PlanRun<T>): PlanRun<T> {
  const whole = yield* orTooMuch(plan);
  if (!whole) throw tooMuch();
  return whole.result;
}

const tooMuch = (): Refusal =>
  refusalAt(
    '/query/from',
    'PP sends the whole list at once, and this one is too long to read: request a shorter period.',
  );

/** How the pages of a list are requested, and when a row of it happened. */
interface Listed<T> {
  page: (ask: PageAsk & Span) => PlanRun<SpanPage<T>>;
  timeOf: (row: T) => string | undefined;
}

/** A page of a list that may be too long for one answer: the newest matching rows, from as many spans as needed. */
export function* pageInSpans<T extends { providerRef?: string }>(
  ask: PageAsk,
  now: Date,
  { page, timeOf }: Listed<T>,
): PlanRun<Page<T>> {
  const data: T[] = [];
  const after = ask.cursor === undefined ? undefined : timeOfMark(ask.cursor);
  const newest = after && (!ask.to || after < ask.to) ? after : ask.to;
  const span = function* (window: Span): PlanRun<SpanPage<T>> {
    const part = yield* page({ ...ask, ...window, limit: ask.limit - data.length });
    data.push(...part.data);
    return part;
  };
  let more = false;
  const parts = yield* inSpans({ from: ask.from, to: ask.to, newest }, now, span, ({ result, older }) => {
    more = older && data.length >= ask.limit;
    // A page with malformed rows is shorter than requested, and its span may have more.
    return data.length >= ask.limit || result.next !== undefined;
  });
  const last = data.at(-1);
  const next =
    parts.at(-1)?.next ?? (more && last ? markAfter({ at: timeOf(last), id: last.providerRef! }) : undefined);
  // Pages before this one had usable rows.
  const first = ask.cursor === undefined;
  if (first && !last && next === undefined && parts.some(({ odd }) => odd)) throw noUsableRow();
  return { data, ...(next !== undefined && { next }) };
}
