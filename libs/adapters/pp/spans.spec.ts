import { describe, expect, it } from 'vitest';
import { Unanswered, Unreadable, readWire } from '#adapter-kit';
import type { PlanRun, Send, Steps } from '#adapter-kit';
import type { ClickData, ConversionData, Page, PageAsk, StatRow, StatisticsAsk } from '#canonical';
import { listClicks } from './clicks.js';
import { listConversions } from './conversions.js';
import { getStatistics } from './statistics.js';

const now = new Date('2026-01-15T12:00:00.000Z');
const context = { settings: { currency: 'USD' }, now };
const seconds = now.getTime() / 1000;
const HOUR = 3600;

interface Site {
  /** The age of each row in seconds. */
  ages: number[];
  /** The number of rows from which an answer exceeds the size limit. */
  most: number;
  /** Rows without `accrued`, which are no usable exchanges, by their place. */
  odd?: (at: number) => boolean;
  /** Collects the calls. */
  asked?: string[];
}

/** Plays a plan against a site that filters by time only. */
function at<T>(site: Site, plan: PlanRun<T>): T {
  let turn = plan.next();
  while (!turn.done) {
    site.asked?.push(turn.value.exchange.name);
    const rows = answer(site, turn.value);
    turn = rows ? plan.next(rows) : plan.throw(new Unanswered('too much', { tooLarge: true }));
  }
  return turn.value;
}

function answer({ ages, most, odd }: Site, { exchange, ask }: Send): object | undefined {
  const { form } = exchange.request(ask, context) as { form: Record<string, string | undefined> };
  const rows = ages
    .map((age, index) => ({
      id: String(ages.length - index),
      time: seconds - age,
      ...(!odd?.(index) && { accrued: 1 }),
      partner_reward: 1,
    }))
    .filter(
      ({ time }) => time >= Number(form['start_time'] ?? 0) && time <= Number(form['end_time'] ?? Infinity),
    );
  if (rows.length > most) return undefined;
  const wire = readWire(200, {}, Buffer.from(JSON.stringify({ error: 0, data: { items: rows } })));
  return exchange.read(wire, ask, context) as object;
}

function every(
  site: Site,
  limit: number,
  list: Steps<PageAsk> = listClicks,
): { ids: string[]; pages: number } {
  const ids: string[] = [];
  let ask: PageAsk = { limit };
  for (let pages = 1; ; pages++) {
    const { data, next } = at(site, list.run(ask, context)) as Page<ClickData | ConversionData>;
    expect(data.length).toBeLessThanOrEqual(limit);
    ids.push(...data.map(({ providerRef }) => providerRef!));
    if (!next) return { ids, pages };
    ask = { limit, cursor: next };
  }
}

// Three a minute at the end, then one an hour for months, then one long ago.
const ages = [
  ...[1, 1, 1, 2, 2, 2, 3, 3, 3].map(minutes => minutes * 60),
  ...Array.from({ length: 2000 }, (_, hours) => (hours + 1) * HOUR),
  9000 * HOUR,
];

describe('PP: a list that does not fit in one answer', () => {
  it.each([7, 25, 100])('is listed whole and once, newest first, page by page (limit %i)', limit => {
    const { ids } = every({ ages, most: 200 }, limit);
    expect(ids).toEqual(ages.map((_, index) => String(ages.length - index)));
  });

  it.each([
    ['among the newest ones', (place: number) => place === 20],
    ['that fill the newest spans', (place: number) => place < 60],
    ['that fill the last page', (place: number) => place >= 2000],
  ])('is listed whole and once but for malformed rows %s', (_, odd) => {
    const { ids } = every({ ages, most: 200, odd }, 25, listConversions);
    const usable = ages.flatMap((_age, place) => (odd(place) ? [] : String(ages.length - place)));
    expect(ids).toEqual(usable);
  });

  it('is unreadable if no row of any span can be used', () => {
    const odd = () => true;
    expect(() => every({ ages, most: 200, odd }, 25, listConversions)).toThrow(Unreadable);
  });

  it('is requested at once if it fits', () => {
    expect(every({ ages: ages.slice(0, 40), most: 40 }, 100)).toMatchObject({ pages: 1 });
  });

  it('is limited to the requested window', () => {
    const ask = { limit: 100, from: new Date('2026-01-10T00:00:00Z'), to: new Date('2026-01-12T00:00:00Z') };
    const { data, next } = at({ ages, most: 60 }, listConversions.run(ask, context)) as Page<ConversionData>;
    expect([data.length, next]).toEqual([49, undefined]);
    expect(data.at(-1)?.occurredAt).toBe('2026-01-10T00:00:00.000Z');
  });

  it('is counted completely, by day and in total', () => {
    const count = (ask: Partial<StatisticsAsk>, most = 200) =>
      at(
        { ages, most },
        getStatistics.run({ subject: 'campaigns', groupBy: 'none', ...ask }, context),
      ) as StatRow[];
    const revenue = { amount: `${ages.length}.00`, currency: 'USD' };
    expect(count({})).toMatchObject([{ clicks: ages.length, conversions: ages.length, revenue }]);
    expect(count({ groupBy: 'date' })).toEqual(count({ groupBy: 'date' }, Infinity));
  });

  it('is counted in few calls: the years before the oldest row are one', () => {
    const week = Array.from({ length: 8 * 24 }, (_, hours) => hours * HOUR);
    const asked: string[] = [];
    const ask = { subject: 'campaigns', groupBy: 'none' } as const;
    const [row] = at({ ages: week, most: 130, asked }, getStatistics.run(ask, context)) as StatRow[];
    expect(row).toMatchObject({ clicks: week.length, conversions: week.length });
    expect(asked.filter(name => name === 'count-clicks').length).toBeLessThanOrEqual(7);
  });

  it('is refused with advice if not even an hour fits', () => {
    expect(() => every({ ages, most: 5 }, 100)).toThrow(
      expect.objectContaining({ code: 'validation-failed' }),
    );
  });
});
