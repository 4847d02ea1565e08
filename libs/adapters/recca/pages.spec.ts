import { describe, expect, it } from 'vitest';
import { Unanswered } from '#adapter-kit';
import type { Exchange, PlanRun, Verdict } from '#adapter-kit';
import { play } from '#adapter-kit/testing';
import type { Stage } from '#adapter-kit/testing';
import type { ConversionAsk, LeadData, Page, PageAsk } from '#canonical';
import { createConversion, leadConverted } from './conversions.js';
import { createLead, leadsByReferrer } from './create-lead.js';
import { listConversions, listLeads } from './leads.js';
import { listPartners } from './network.js';
import { recca } from './recca.adapter.js';
import { reccaSimulator } from './simulator.js';
import { context, firstLookAfter } from './story.testing.js';
import { listTransactions } from './transactions.js';

const refs = { tenantReccaId: 'ub_GB_xyz', reccaUserId: 'usr_01HXVB0001' };
const sale: ConversionAsk = {
  leadRef: 'lead_01HXVB0004',
  referrer: refs,
  amount: { amount: '100.00', currency: 'RUB' },
  merchantReference: 'order-42',
};

type Wire = NonNullable<Stage['wire']>;

const silent: Wire = answer => {
  const { pagination: _, ...body } = answer.body as Record<string, unknown>;
  return { ...answer, body };
};
const stageOf = (largestPage?: number): Stage => ({
  adapter: recca,
  factory: reccaSimulator,
  simulator: reccaSimulator.create({ largestPage }),
  context,
  wire: silent,
});
const lost: Stage['wire'] = (answer, request) =>
  request.path.includes('/federation/') ? undefined : silent(answer, request);

describe('Recca: lists without information about their pages', () => {
  const uncounted: Wire = answer => {
    const pagination = { total: 0, total_pages: 0 };
    return { ...answer, body: { ...(answer.body as object), pagination } };
  };

  it.each([
    ['smaller than requested', 1, silent],
    ['whole', undefined, silent],
    ['said to be none', 1, uncounted],
  ])('are shown to their last row if the pages are %s', (_, largestPage, wire) => {
    const seen: (string | undefined)[] = [];
    const stage = { ...stageOf(largestPage), wire };
    let ask: PageAsk = { limit: 100 };
    for (;;) {
      const page = play(stage, one(listLeads, { ...ask, refs })) as Page<LeadData>;
      seen.push(...page.data.map(({ providerRef }) => providerRef));
      if (!page.next) break;
      ask = { limit: 100, cursor: page.next };
    }
    expect(seen.toSorted()).toEqual([1, 2, 3, 4].map(n => `lead_01HXVB000${n}`));
  });

  it('are searched completely for a conversion whose answer was lost', () => {
    const stage = { ...stageOf(1), wire: lost };
    const before = {};
    expect(() => play(stage, createConversion.run(sale, context), before)).toThrow(Unanswered);
    const look = (leadRef: string) =>
      play(
        { ...stage, wire: silent },
        leadConverted.run({ ...sale, leadRef }, firstLookAfter(before)) as PlanRun<Verdict<unknown>>,
      );
    // A lead converted before may have been on a later page, so it may belong to another sale.
    expect(look(sale.leadRef)).toMatchObject({ verdict: 'executed', evidence: 'weak' });
    expect(look('lead_01HXVB0003')).toEqual({ verdict: 'absent', evidence: 'weak' });
  });

  it.each([
    { leads: [] },
    // Empty as PHP writes it, and a page of as many rows as it has.
    { leads: {}, pagination: { total: 0, page_size: 0, total_pages: 0 } },
  ])('prove by an empty list that no lead was converted before: %j', body => {
    const before = {};
    const none: Wire = (answer, request) => {
      const shown = lost(answer, request);
      return shown && { ...shown, body };
    };
    expect(() => play({ ...stageOf(), wire: none }, createConversion.run(sale, context), before)).toThrow();
    const found = play(
      stageOf(),
      leadConverted.run({ ...sale, leadRef: 'lead_01HXVB0002' }, firstLookAfter(before)) as PlanRun<
        Verdict<unknown>
      >,
    );
    expect(found).toMatchObject({ verdict: 'executed', evidence: 'strong' });
  });

  it.each([
    { total: 1, total_pages: 2 },
    { total: 1, page_size: 1 },
    { total: 0, page_size: 10, total_pages: 0 },
  ])('prove nothing either where the total contradicts its page: %j', pagination => {
    const recorded: Stage['wire'] = (answer, request) =>
      request.path.includes('/federation/')
        ? undefined
        : { ...answer, body: { ...(answer.body as object), pagination } };
    const before = {};
    const stage = stageOf(1);
    const sold = createConversion.run(sale, context);
    expect(() => play({ ...stage, wire: recorded }, sold, before)).toThrow(Unanswered);
    const found = play(stage, leadConverted.run(sale, firstLookAfter(before)) as PlanRun<Verdict<unknown>>);
    expect(found).toMatchObject({ verdict: 'executed', evidence: 'weak' });
  });

  it('prove that a lost lead is absent only by an empty page', () => {
    const before = {};
    const dead: Stage = { ...stageOf(), wire: lost };
    const lead = { referrer: refs, contact: { name: 'Анна' } };
    expect(() => play(dead, createLead.run(lead, context), before)).toThrow(Unanswered);
    const look = (stage: Stage) =>
      play(stage, leadsByReferrer.run(lead, firstLookAfter(before)) as PlanRun<Verdict<unknown>>);
    expect(look(stageOf())).toEqual({ verdict: 'absent', evidence: 'weak' });
    expect(look(stageOf(3))).toMatchObject({ verdict: 'inconclusive', final: false });
    // A server that always calls its page the first one; the next row has no id by which it could be known.
    const unnamed: Wire = (answer, { query }) => {
      const { leads } = answer.body as { leads: object[] };
      const rows = query.get('page') === '1' ? leads : [{ contact_name: 'Анна' }];
      return { ...answer, body: { leads: rows, pagination: { page: 1 } } };
    };
    expect(look({ ...stageOf(), wire: unnamed })).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('Recca: pages that are counted from 0', () => {
  it.each([true, false])('are shown to their last row (with a total: %s)', isCounted => {
    const wire: Wire = answer => {
      const { pagination, ...body } = answer.body as { pagination: { page: number; total_pages: number } };
      const { page, total_pages } = pagination;
      return {
        ...answer,
        body: { ...body, pagination: { page: page - 1, ...(isCounted && { total_pages }) } },
      };
    };
    const stage = { ...stageOf(1), wire };
    const seen: (string | undefined)[] = [];
    let cursor: string | undefined;
    do {
      const page = play(stage, one(listLeads, { limit: 100, cursor, refs })) as Page<LeadData>;
      seen.push(...page.data.map(({ providerRef }) => providerRef));
      cursor = page.next;
    } while (cursor);
    expect(seen.toSorted()).toEqual([1, 2, 3, 4].map(n => `lead_01HXVB000${n}`));
  });
});

describe('Recca: a page with a row twice', () => {
  const twice: Wire = answer => {
    const [name, rows] = Object.entries(answer.body as object).find(([, value]) => Array.isArray(value))!;
    return { ...answer, body: { ...(answer.body as object), [name]: [...rows, ...rows] } };
  };
  const read = (exchange: Pick<Exchange, 'name'>, wire?: Wire) =>
    (play({ ...stageOf(), wire }, one(exchange, { refs, limit: 100 })) as Page<object>).data;

  it.each([listLeads, listPartners, listConversions])('shows it once: $name', exchange => {
    expect(read(exchange, twice)).toEqual(read(exchange));
  });

  it('shows both where neither has an id of its own', () => {
    const row = { user_id: 'usr_01HXVB0001', amount_kopecks: 100 };
    const bonuses: Wire = () => ({ status: 200, body: { transactions: [row, row] } });
    expect(read(listTransactions, bonuses)).toHaveLength(2);
  });
});

describe('Recca: pages larger than the documented ones', () => {
  const lead = { referrer: refs, contact: { name: 'Анна' } };
  /** A server that validates the size of a page; a read that is allowed is as always. */
  const strict =
    (largest: number, status = 422, federation: Wire = answer => answer): Wire =>
    (answer, request) => {
      if (request.path.includes('/federation/')) return federation(answer, request);
      const refused = Number(request.query.get('page_size')) > largest;
      return refused ? { status, body: { message: 'page_size is too large' } } : answer;
    };
  const at = (wire: Wire): Stage => ({ ...stageOf(), wire });
  const lose: Wire = () => undefined;

  it.each([
    [50, 422],
    [0, 422],
    [0, 401],
    [0, 403],
    [0, 404],
  ])('do not prevent a lead or a sale where more than %i rows are refused with %i', (largest, status) => {
    const stage = at(strict(largest, status));
    expect(play(stage, createLead.run(lead, context))).toMatchObject({ providerRef: 'lead_01HXVBAGP6' });
    expect(play(stage, createConversion.run(sale, context))).toMatchObject({ status: 'approved' });
  });

  it('nor do lists that the server does not have', () => {
    const body = '<!DOCTYPE html><html><body><pre>Cannot GET /embed/v1/data/leads</pre></body></html>';
    const stage = at((answer, { path }) => (path.includes('/federation/') ? answer : { status: 404, body }));
    expect(play(stage, createLead.run(lead, context))).toMatchObject({ providerRef: 'lead_01HXVBAGP6' });
    expect(play(stage, createConversion.run(sale, context))).toMatchObject({ status: 'approved' });
  });

  it.each(['404 page not found', '<html><title>404 Not Found</title><center>nginx</center></html>'])(
    'but a lead or a sale waits while a server in front of Recca has no address at all: %s',
    body => {
      const sent: string[] = [];
      const wire: Wire = () => ({ status: 404, body });
      const stage = { ...at(wire), sends: ({ name }: Exchange) => void sent.push(name) };
      expect(() => play(stage, createLead.run(lead, context))).toThrow(Unanswered);
      expect(() => play(stage, createConversion.run(sale, context))).toThrow(Unanswered);
      expect(sent).toEqual(['known-leads', 'known-leads']);
    },
  );

  it('are replaced by small ones, with which a lost answer is found', () => {
    const stage = at(strict(50, 422, lose));
    const before = { lead: {}, sale: {} };
    expect(() => play(stage, createConversion.run(sale, context), before.sale)).toThrow(Unanswered);
    expect(() => play(stage, createLead.run(lead, context), before.lead)).toThrow(Unanswered);
    const look = (plan: unknown) => play(stage, plan as PlanRun<Verdict<unknown>>);
    expect(look(leadConverted.run(sale, firstLookAfter(before.sale)))).toMatchObject({
      verdict: 'executed',
      evidence: 'strong',
    });
    expect(look(leadsByReferrer.run(lead, firstLookAfter(before.lead)))).toMatchObject({
      verdict: 'executed',
      evidence: 'weak',
    });
  });

  it.each([400, 401, 403, 404])('leave a lost answer to a person where all are refused with %i', status => {
    const stage = at(strict(0, status, lose));
    const before = {};
    expect(() => play(stage, createConversion.run(sale, context), before)).toThrow(Unanswered);
    expect(() => play(stage, createLead.run(lead, context), before)).toThrow(Unanswered);
    const note = 'The leads that existed before were not recorded.';
    for (const plan of [
      leadsByReferrer.run(lead, firstLookAfter(before)),
      leadConverted.run(sale, firstLookAfter(before)),
    ])
      expect(play(stage, plan as PlanRun<Verdict<unknown>>)).toEqual({
        verdict: 'inconclusive',
        note,
        final: true,
      });
  });

  it.each([401, 403, 404])(
    'are not the reason of a %i, after which no smaller ones are requested',
    status => {
      const reads: string[] = [];
      const refused = strict(0, status);
      const watch: Wire = (answer, request) => {
        if (!request.path.includes('/federation/')) reads.push(request.path);
        return refused(answer, request);
      };
      expect(play(at(watch), createLead.run(lead, context))).toMatchObject({
        providerRef: 'lead_01HXVBAGP6',
      });
      expect(reads).toHaveLength(1);
    },
  );
});

function* one<Ask>(exchange: Pick<Exchange, 'name'>, ask: Ask): PlanRun<unknown> {
  return yield { exchange: exchange as never, ask };
}

it('a list of Recca goes on where its total contradicts the number of pages', () => {
  const ids = Array.from({ length: 25 }, (_, at) => ({ id: `l${at}`, status: 'new' }));
  const clamped: Wire = (answer, { query }) => {
    const page = Number(query.get('page'));
    const pagination = { page, page_size: 10, total: 25, total_pages: 2 };
    const leads = ids.slice((page - 1) * 10, page * 10);
    return { ...answer, body: { ...(answer.body as object), leads, pagination } };
  };
  const seen: unknown[] = [];
  let cursor: string | undefined;
  do {
    const ask = { refs, limit: 20, ...(cursor && { cursor }) };
    const page = play({ ...stageOf(), wire: clamped }, one(listLeads, ask)) as Page<LeadData>;
    seen.push(...page.data.map(({ providerRef }) => providerRef));
    cursor = page.next ?? undefined;
  } while (cursor);
  expect(seen).toEqual(ids.map(({ id }) => id));
});
