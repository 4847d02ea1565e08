import { exact, money, plainText, refusalAt } from '#canonical';
import type { StatRow, StatisticsAsk } from '#canonical';
import { Unreadable, send, steps } from '#adapter-kit';
import { statusOf } from './conversions.js';
import { baseCurrency } from './currency.js';
import { listRead } from './list-read.js';
import { everyRowOf, rowsOf, within } from './rows.js';
import type { Row } from './rows.js';
import { inSpans } from './spans.js';
import type { Span } from './spans.js';

type Window = Pick<StatisticsAsk, 'from' | 'to'> & Span;
type Counts<T> = Record<string, T>;
interface Earned {
  conversions: number;
  /** Exact until the whole sum is known: a reward may be less than the smallest coin. */
  revenue?: string;
}

/** Visits per day, by the site's local time. */
export const countClicks = listRead<Window, Counts<number>>('get_links', {
  name: 'count-clicks',
  call: 'get_links (count)',
  read: (answer, ask) => {
    const counts: Counts<number> = {};
    for (const row of counted(rowsOf(answer), ask)) {
      const day = dayOf(row);
      counts[day] = (counts[day] ?? 0) + 1;
    }
    return counts;
  },
});

/** Exchanges with an accrued reward, and the rewards, per day, by the site's local time. */
export const countExchanges = listRead<Window, Counts<Earned>>('get_exchanges', {
  name: 'count-exchanges',
  call: 'get_exchanges (count)',
  read: (answer, ask) => {
    const counts: Counts<Earned> = {};
    for (const row of counted(everyRowOf(answer), ask)) {
      // A sum must not be too small: it has to be known whether each reward was accrued.
      row.fields.at('accrued').needText();
      if (statusOf(row.fields) !== 'approved') continue;
      const day = dayOf(row);
      counts[day] = sum(counts[day], { conversions: 1, revenue: row.fields.at('partner_reward').decimal() });
    }
    return counts;
  },
});

/** Counts of the partner's account: PP does not split them, so every row is about the whole account. */
export const getStatistics = steps(countExchanges, function* (ask: StatisticsAsk, context) {
  refuseFilters(ask);
  const { subject, groupBy, from, to } = ask;
  const { now } = context;
  const clicks = merged(
    yield* inSpans({ from, to }, now, span => send(countClicks, span)),
    (a = 0, b) => a + b,
  );
  const currency = yield* baseCurrency(context);
  const earned = merged(yield* inSpans({ from, to }, now, span => send(countExchanges, span)), sum);
  const days = [...new Set([...Object.keys(clicks), ...Object.keys(earned)])].sort();
  if (groupBy === 'date')
    return days.map((date): StatRow => ({
      subject,
      ...(date === NO_DAY ? {} : { date }),
      clicks: clicks[date] ?? 0,
      ...inMoney(earned[date] ?? none, currency),
    }));
  const all = Object.values(earned).reduce(sum, none);
  const visits = Object.values(clicks).reduce((total, count) => total + count, 0);
  return [{ subject, clicks: visits, ...inMoney(all, currency) }];
});

// With several spans, a row without a time belongs to none, and a count must not be too small.
function counted(rows: Row[], ask: Window): Row[] {
  if (ask.dated && rows.some(({ at }) => !at))
    throw new Unreadable('/data/items', 'has a row without a time');
  return within(rows, ask);
}

function merged<T>(parts: Counts<T>[], add: (a: T | undefined, b: T) => T): Counts<T> {
  const all: Counts<T> = {};
  for (const [day, count] of parts.flatMap(part => Object.entries(part))) all[day] = add(all[day], count);
  return all;
}

function refuseFilters(ask: StatisticsAsk): void {
  const wrong = (['ids', 'parentId', 'target'] as const).filter(name => ask[name] !== undefined);
  if (wrong.length === 0) return;
  throw refusalAt(
    wrong.map(name => `/query/${name}`),
    'PP has statistics only for the whole account and cannot filter them.',
    'unsupported-field',
  );
}

const none: Earned = { conversions: 0, revenue: '0' };

// A reward that cannot be read makes the sum unknown; it must not be too small.
function sum(a: Earned = none, b: Earned): Earned {
  const known = a.revenue !== undefined && b.revenue !== undefined;
  return {
    conversions: a.conversions + b.conversions,
    revenue: known ? plainText(exact(a.revenue!).plus(b.revenue!)) : undefined,
  };
}

const inMoney = ({ conversions, revenue }: Earned, currency: string): Partial<StatRow> => ({
  conversions,
  revenue: revenue === undefined ? undefined : money(revenue, currency),
});

// Rows without a day count, in a separate row without a date.
const NO_DAY = '';

const dayOf = ({ at, fields }: Row): string =>
  at?.slice(0, 10) ??
  /^\d{4}-(?!00)\d\d-(?!00)\d\d$/.exec(fields.at('date').text()?.trim() ?? '')?.[0] ??
  NO_DAY;
