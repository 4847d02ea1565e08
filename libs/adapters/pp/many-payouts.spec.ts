import { describe, expect, it } from 'vitest';
import { Unanswered, readWire } from '#adapter-kit';
import type { PlanRun, ReconcileContext, Send } from '#adapter-kit';
import { NO_CURRENCY, Refusal } from '#canonical';
import type { Page, PageAsk, PayoutData } from '#canonical';
import { createPayout } from './create-payout.js';
import { payoutList } from './payout-list.js';
import { getReferralSummary } from './info.js';
import { listPayouts } from './payouts.js';

const now = new Date('2026-01-15T12:00:00.000Z');
const context = { settings: {}, now };
const ask = { methodId: '1', account: 'U7654321' };
const HOUR = 3600;

/** A site whose whole list of payouts exceeds the size limit; `ages` = how many seconds ago each was ordered. */
interface Site {
  ages: number[];
  /** The number of an order, or that it is refused, also as one that arrived twice; absent = the answer is lost. */
  ordered?: number | 'refused' | 'refused the second time';
  /** The site ignores the window. */
  deaf?: true;
  /** Rows have no time. */
  timeless?: true;
}

function drive<T>(site: Site, plan: PlanRun<T>, steps: Record<string, unknown> = {}): T {
  let turn = plan.next();
  while (!turn.done) {
    const body = answer(site, turn.value);
    if (body === 'no money') turn = plan.throw(new Refusal('payout-balance-empty'));
    else if (typeof body === 'string')
      turn = plan.throw(new Unanswered(body, { tooLarge: body === 'too much' }));
    else {
      const { exchange, ask: input } = turn.value;
      const read = exchange.read(readWire(200, {}, Buffer.from(JSON.stringify(body))), input, context);
      steps[exchange.name] = read;
      turn = plan.next(read);
    }
  }
  return turn.value;
}

function answer({ ages, ordered, deaf, timeless }: Site, { exchange, ask: input }: Send): object | string {
  const { query, form } = exchange.request(input, context) as any;
  const balance = ordered === 'refused' ? '0' : '100';
  if (query.method === 'get_info') return { error: 0, data: { balance, min_payout: '1' } };
  if (query.method === 'add_payout') return orderedAs(ordered, ages);
  if (deaf || form.start_time === undefined) return 'too much';
  const rows = ages.map((age, index) => ({
    id: String(1000 - index),
    ...(!timeless && { time: now.getTime() / 1000 - age }),
    method_id: 1,
    account: 'U7654321',
    status: '0',
    original_currency_code: 'USD',
  }));
  const items = rows.filter(
    ({ time }) =>
      time === undefined || (time >= Number(form.start_time) && time <= Number(form.end_time ?? Infinity)),
  );
  return { error: 0, data: { items } };
}

const orderedAs = (ordered: Site['ordered'], ages: number[]): object | string => {
  if (ordered === 'refused the second time') ages.push(0);
  if (typeof ordered === 'string') return 'no money';
  return ordered === undefined ? 'lost' : { error: 0, data: { payout_id: ordered } };
};

const older = [20 * HOUR, 30 * HOUR, 60 * HOUR];
const reconcile = (site: Site, before: Record<string, unknown>) => {
  const times = { firstSentAt: now, lastSentAt: now, repeats: 0, tries: 1 };
  return drive(site, payoutList.run(ask, { ...context, ...times, before } as ReconcileContext));
};

describe('PP: a payout, if the whole list exceeds the size limit', () => {
  it('is ordered after reading the last days', () => {
    expect(drive({ ages: older, ordered: 1001 }, createPayout.run(ask, context))).toMatchObject({
      providerRef: '1001',
    });
  });

  it('is not ordered if the site ignores the window', () => {
    const deaf: Site = { ages: older, ordered: 1001, deaf: true };
    expect(() => drive(deaf, createPayout.run(ask, context))).toThrow(Unanswered);
  });

  it('is refused, unless the last days have a new one', () => {
    const order = (ordered: Site['ordered']) => () =>
      drive({ ages: [...older], ordered }, createPayout.run(ask, context));
    expect(order('refused')).toThrow(Refusal);
    expect(order('refused the second time')).toThrow(Unanswered);
  });

  it('is preceded by the same list in every attempt, or its own row would be a known one', () => {
    const listed = (at: Date) => {
      const plan = createPayout.run(ask, { ...context, now: at });
      plan.next();
      return plan.throw(new Unanswered('too much', { tooLarge: true })).value;
    };
    const later = new Date(now.getTime() + 60_000);
    expect(listed(later)).toEqual(listed(now));
  });

  it('is found among the new ones if its answer was lost; its absence is weak evidence', () => {
    const before = {};
    expect(() => drive({ ages: older }, createPayout.run(ask, context), before)).toThrow(Unanswered);
    const ids = (before as { 'known-payouts': { ids: string[] } })['known-payouts'].ids;
    expect(ids).toEqual(['1000', '999']);
    const known = { ...before, 'known-payouts': { ids: ['900', '899'], narrow: true } };
    expect(reconcile({ ages: [0] }, known)).toMatchObject({
      verdict: 'executed',
      evidence: 'strong',
      result: { providerRef: '1000' },
    });
    expect(reconcile({ ages: [] }, known)).toEqual({ verdict: 'absent', evidence: 'weak' });
    expect(reconcile({ ages: [20 * HOUR] }, known)).toEqual({ verdict: 'absent', evidence: 'weak' });
    expect(reconcile({ ages: [0], timeless: true }, known)).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('PP: data of an account whose whole list of payouts exceeds the size limit', () => {
  it.each([
    ['the currency of its last payouts', { ages: older }, 'USD'],
    ['no currency if it has none of late', { ages: [4000 * HOUR] }, NO_CURRENCY],
    ['no currency if the site ignores the window', { ages: older, deaf: true }, NO_CURRENCY],
  ] as const)('is its balance, in %s', (_, site, currency) => {
    const summary = drive({ ...site, ages: [...site.ages] }, getReferralSummary.run({}, context));
    expect(summary).toEqual({ balance: { amount: '100.00', currency } });
  });

  it('is every payout, page by page', () => {
    const ages = [...older, 9000 * HOUR];
    const seen: string[] = [];
    let wish: PageAsk = { limit: 2 };
    for (;;) {
      const page = drive({ ages }, listPayouts.run(wish, context)) as Page<PayoutData>;
      seen.push(...page.data.map(({ providerRef }) => providerRef!));
      if (!page.next) break;
      wish = { limit: 2, cursor: page.next };
    }
    expect(seen).toEqual(['1000', '999', '998', '997']);
  });

  it('is no list of payouts, with advice, if the site ignores the window', () => {
    const deaf: Site = { ages: older, deaf: true };
    expect(() => drive(deaf, listPayouts.run({ limit: 2 }, context) as PlanRun<unknown>)).toThrow(
      expect.objectContaining({ code: 'validation-failed' }),
    );
  });
});
