import { describe, expect, it } from 'vitest';
import { Unanswered } from '#adapter-kit';
import { Refusal } from '#canonical';
import type { PlanRun, Verdict } from '#adapter-kit';
import { play } from '#adapter-kit/testing';
import type { Stage } from '#adapter-kit/testing';
import type { ConversionAsk, LeadAsk, ProviderRefs } from '#canonical';
import { createConversion, leadConverted } from './conversions.js';
import { createLead, leadsByReferrer } from './create-lead.js';
import { recca } from './recca.adapter.js';
import { reccaSimulator } from './simulator.js';
import { context, firstLookAfter, now } from './story.testing.js';

const later = new Date('2026-01-15T12:01:00.000Z');
const ivan: ProviderRefs = { tenantReccaId: 'ub_GB_xyz', reccaUserId: 'usr_01HXVB0001' };

const stageOf = (): Stage => ({
  adapter: recca,
  factory: reccaSimulator,
  simulator: reccaSimulator.create(),
  context,
});

const lead: LeadAsk = { referrer: ivan, contact: { name: 'Анна' } };
const sale: ConversionAsk = {
  leadRef: 'lead_01HXVB0004',
  referrer: ivan,
  amount: { amount: '100.00', currency: 'RUB' },
  merchantReference: 'order-42',
};

describe('Recca: a sale whose lead shows nothing', () => {
  const unreadable: Stage['wire'] = (answer, { path }) =>
    path.includes('/embed/') ? { status: 403, body: { error: 'no' } } : answer;

  it.each([
    { of: 'a lead that is not converted', asked: {} },
    { of: 'a lead that was converted before', asked: { leadRef: 'lead_01HXVB0002' } },
    { of: 'somebody’s lead', asked: { referrer: undefined } },
    { of: 'a lead that cannot be read', asked: {}, wire: unreadable },
  ])('is sent, and sent again behind a 429: $of', ({ asked, wire }) => {
    for (const firstSentAt of [undefined, now]) {
      const plan = createConversion.run({ ...sale, ...asked }, { ...context, firstSentAt });
      expect(play({ ...stageOf(), wire }, plan)).toMatchObject({ status: 'approved' });
    }
  });

  it('is sent again behind a 429 like a lead whose list cannot be read', () => {
    const plan = createLead.run(lead, { ...context, firstSentAt: now });
    expect(play({ ...stageOf(), wire: unreadable }, plan)).toMatchObject({ status: 'new' });
  });
});

describe('Recca: a lost answer', () => {
  /** A list with a row that has neither an id nor a state. */
  const odd: Stage['wire'] = answer => {
    const body = answer.body as { leads: object[] };
    return { ...answer, body: { ...body, leads: [...body.leads, { contact_name: 'Анна' }] } };
  };
  const lost: Stage['wire'] = (answer, { path }) => (/federation/.test(path) ? undefined : answer);

  it('of a lead is found by a new lead with the same name: weak evidence', () => {
    const stage = { ...stageOf(), wire: lost };
    const before = {};
    expect(() => play(stage, createLead.run(lead, context), before)).toThrow(Unanswered);
    const look = (ask: LeadAsk, steps = before, at = now) => {
      const searched = { ...firstLookAfter(steps), now: at };
      return play(
        { ...stage, wire: undefined },
        leadsByReferrer.run(ask, searched) as PlanRun<Verdict<unknown>>,
      );
    };
    expect(look(lead)).toMatchObject({
      verdict: 'executed',
      evidence: 'weak',
      result: { providerRef: 'lead_01HXVBAGP6' },
    });
    expect(look({ ...lead, contact: { name: 'Пётр' } })).toMatchObject({ verdict: 'inconclusive' });
    expect(look({ ...lead, contact: { name: 'Пётр' } }, before, later)).toMatchObject({ final: true });
    expect(look(lead, {})).toMatchObject({ verdict: 'inconclusive', final: true });
    // Two of this name: either may be another till's.
    play({ ...stage, wire: undefined }, createLead.run(lead, context));
    expect(look(lead)).toMatchObject({ verdict: 'inconclusive' });
  });

  it('of a lead is absent where nothing is new, unless a row of the list cannot be read', () => {
    const before = {};
    expect(() => play({ ...stageOf(), wire: lost }, createLead.run(lead, context), before)).toThrow();
    const look = (more: { denied?: true }, wire?: Stage['wire']) => {
      const plan = leadsByReferrer.run(lead, { ...firstLookAfter(before), ...more });
      return play({ ...stageOf(), wire }, plan as PlanRun<Verdict<unknown>>);
    };
    expect(look({})).toEqual({ verdict: 'absent', evidence: 'weak' });
    for (const more of [{}, { denied: true as const }])
      expect(look(more, odd)).toMatchObject({ verdict: 'inconclusive' });
  });

  it('of a lead that was refused, and could not be looked for at once, is absent where no new lead has its name', () => {
    const stage = stageOf();
    const before = {};
    const refused: Stage['wire'] = (answer, { path }) => (/federation/.test(path) ? undefined : answer);
    const anna = { ...lead, contact: { name: 'Анна' } };
    expect(() => play({ ...stage, wire: refused }, createLead.run(anna, context), before)).toThrow(
      Unanswered,
    );
    const look = (name: string) => {
      const searched = { ...firstLookAfter(before), denied: true as const };
      return play(stage, leadsByReferrer.run({ ...lead, contact: { name } }, searched) as PlanRun<unknown>);
    };
    expect(look('Пётр')).toEqual({ verdict: 'absent' });
    expect(look('Анна')).toMatchObject({ verdict: 'executed', evidence: 'weak' });
    expect(look('Анна Попова')).toMatchObject({ verdict: 'inconclusive' });
  });

  it('of a conversion is found by its converted lead: strong evidence if it was not converted before', () => {
    const stage = { ...stageOf(), wire: lost };
    const before = {};
    expect(() => play(stage, createConversion.run(sale, context), before)).toThrow(Unanswered);
    const look = (ask: ConversionAsk, steps = before) =>
      play(
        { ...stage, wire: undefined },
        leadConverted.run(ask, firstLookAfter(steps)) as PlanRun<Verdict<unknown>>,
      );
    expect(look(sale)).toEqual({
      verdict: 'executed',
      evidence: 'strong',
      result: {
        leadRef: sale.leadRef,
        merchantReference: 'order-42',
        status: 'approved',
        amount: sale.amount,
      },
    });
    // It is not documented that the lead changes at once.
    expect(look({ ...sale, leadRef: 'lead_01HXVB0003' })).toEqual({ verdict: 'absent', evidence: 'weak' });
  });

  it.each([
    { of: 'a lead that was converted before', asked: { leadRef: 'lead_01HXVB0002' }, isRecorded: true },
    { of: 'somebody’s lead', asked: { referrer: undefined }, isRecorded: true },
    { of: 'leads that were not recorded', asked: {}, isRecorded: false },
  ])('of a conversion goes to a person at once where no look can decide: $of', ({ asked, isRecorded }) => {
    const stage = { ...stageOf(), wire: lost };
    const before = {};
    expect(() => play(stage, createConversion.run(sale, context), before)).toThrow(Unanswered);
    const searched = firstLookAfter(isRecorded ? before : {});
    const look = leadConverted.run({ ...sale, ...asked }, searched) as PlanRun<unknown>;
    expect(play({ ...stage, wire: undefined }, look)).toMatchObject({ verdict: 'inconclusive', final: true });
  });

  it('of a conversion is not proven by a lead that an earlier look saw unconverted', () => {
    const stage = { ...stageOf(), wire: lost };
    const before = {};
    expect(() => play(stage, createConversion.run(sale, context), before)).toThrow(Unanswered);
    const again = leadConverted.run(sale, { ...firstLookAfter(before), unseen: true }) as PlanRun<unknown>;
    expect(play({ ...stage, wire: undefined }, again)).toMatchObject({
      verdict: 'executed',
      evidence: 'weak',
    });
  });

  it('of a conversion goes to a person after a minute where there are too many converted leads', () => {
    const before = {};
    expect(() => play({ ...stageOf(), wire: lost }, createConversion.run(sale, context), before)).toThrow();
    let page = 0;
    const endless: Stage['wire'] = () => {
      page += 1;
      const leads = [{ id: `lead_${page}`, status: 'converted' }];
      return { status: 200, body: { leads, pagination: { total_pages: 99 } } };
    };
    const look = (at: Date) =>
      play(
        { ...stageOf(), wire: endless },
        leadConverted.run(sale, { ...firstLookAfter(before), now: at }) as PlanRun<unknown>,
      );
    expect(look(now)).toMatchObject({ verdict: 'inconclusive', final: false });
    expect(look(later)).toMatchObject({ verdict: 'inconclusive', final: true });
  });

  describe('of a conversion, and Recca knows its order', () => {
    /** A sale that is registered, or not, and then answered with a conflict. */
    const conflict = (code: string, registered = true) => {
      const stage = stageOf();
      const body = { success: false, error: { code, message: 'no' } };
      const { simulator } = stage;
      stage.wire = (answer, { path }) => (path.endsWith('/register') ? { status: 409, body } : answer);
      if (!registered)
        stage.simulator = {
          ...simulator,
          state: () => simulator.state(),
          handle: request =>
            request.path.endsWith('/register') ? { status: 409, body } : simulator.handle(request),
        };
      const before: Record<string, unknown> = {};
      const register = (ask: ConversionAsk) => () => play(stage, createConversion.run(ask, context), before);
      const look = (ask: ConversionAsk) => {
        const searched = { ...firstLookAfter(before), denied: true as const };
        return play({ ...stage, wire: undefined }, leadConverted.run(ask, searched) as PlanRun<unknown>);
      };
      return { register, look };
    };

    it.each(['ORDER_EXISTS', 'ALREADY_CONVERTED', 'ILLEGAL_TRANSITION', 'IDEMPOTENT_MISMATCH'])(
      'is not told as refused, and goes to a person: %s',
      code => {
        const sold = conflict(code);
        expect(sold.register(sale)).toThrow(Unanswered);
        expect(sold.look(sale)).toMatchObject({ verdict: 'executed', evidence: 'weak' });
        const unsold = conflict(code, false);
        expect(unsold.register(sale)).toThrow(Unanswered);
        expect(unsold.look(sale)).toMatchObject({ verdict: 'inconclusive', final: true });
        expect(unsold.look({ ...sale, referrer: undefined })).toMatchObject({ final: true });
      },
    );

    it.each(['WINDOW_EXPIRED', 'PARTNER_NOT_ACTIVE'])('is told as refused for another reason: %s', code =>
      expect(conflict(code, false).register(sale)).toThrow(Refusal),
    );

    it.each(['ALREADY_CONVERTED', 'ILLEGAL_TRANSITION'])(
      'is told as refused because its lead was converted before: %s',
      code => {
        const { register } = conflict(code, false);
        expect(register({ ...sale, leadRef: 'lead_01HXVB0002' })).toThrow(Refusal);
      },
    );
  });

  it('of a conversion may be found next to an unreadable row, but is never absent with one', () => {
    const stage = stageOf();
    const before = {};
    expect(() => play({ ...stage, wire: lost }, createConversion.run(sale, context), before)).toThrow(
      Unanswered,
    );
    const look = (ask: ConversionAsk) =>
      play(
        { ...stage, wire: odd },
        leadConverted.run(ask, firstLookAfter(before)) as PlanRun<Verdict<unknown>>,
      );
    expect(look(sale)).toMatchObject({ verdict: 'executed', evidence: 'strong' });
    expect(look({ ...sale, leadRef: 'lead_01HXVB0003' })).toMatchObject({ verdict: 'inconclusive' });
  });
});
