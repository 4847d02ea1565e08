import { describe, expect, it } from 'vitest';
import { Unanswered } from '#adapter-kit';
import type { PlanRun, Verdict } from '#adapter-kit';
import { play } from '#adapter-kit/testing';
import type { Stage } from '#adapter-kit/testing';
import type { ConversionAsk } from '#canonical';
import { createConversion, leadConverted } from './conversions.js';
import { recca } from './recca.adapter.js';
import { reccaSimulator } from './simulator.js';
import { context, firstLookAfter, now, saleTo } from './story.testing.js';

const NEW = 'lead_01HXVB0004';
const CONVERTED = 'lead_01HXVB0002';
const PROCESSED = 'lead_01HXVB0003';

/** A Recca that lists every lead, whatever status is asked for, with or without the number of them. */
function heedless({ counts }: { counts: boolean }): Stage {
  const simulator = reccaSimulator.create();
  return {
    adapter: recca,
    factory: reccaSimulator,
    context,
    simulator: {
      state: () => simulator.state(),
      handle: request => {
        const query = new URLSearchParams(request.query);
        if (query.has('status')) query.set('status', 'all');
        return simulator.handle({ ...request, query });
      },
    },
    wire: answer => {
      const { pagination, ...body } = answer.body as Record<string, unknown>;
      return { ...answer, body: counts ? { ...body, pagination } : body };
    },
  };
}

describe.each([{ counts: true }, { counts: false }])('Recca: leads of every status ($counts)', counting => {
  const lose = (stage: Stage, sale: ConversionAsk) => {
    const before = {};
    const wire: Stage['wire'] = (answer, request) =>
      request.path.includes('/federation/') ? undefined : stage.wire!(answer, request);
    expect(() => play({ ...stage, wire }, createConversion.run(sale, context), before)).toThrow(Unanswered);
    return before;
  };
  const look = (stage: Stage, sale: ConversionAsk, before: Record<string, unknown>) => {
    return play(stage, leadConverted.run(sale, firstLookAfter(before)) as PlanRun<Verdict<unknown>>);
  };

  it('are not taken for converted: a lost sale is found, and one that is not there is not', () => {
    const stage = heedless(counting);
    const before = lose(stage, saleTo(NEW));
    expect(look(stage, saleTo(NEW), before)).toMatchObject({ verdict: 'executed', evidence: 'strong' });
    expect(look(stage, saleTo(PROCESSED), before)).toEqual({ verdict: 'absent', evidence: 'weak' });
  });

  it('prove nothing where the lead was converted, or not listed, before', () => {
    const stage = heedless(counting);
    const before = lose(stage, saleTo(CONVERTED));
    expect(look(stage, saleTo(CONVERTED), before)).toMatchObject({ verdict: 'inconclusive', final: true });
    const known = { 'known-leads': { ids: [], others: ['lead_9'], total: 9 } };
    expect(look(stage, saleTo(CONVERTED), known)).toMatchObject({ verdict: 'executed', evidence: 'weak' });
  });

  it('keep a sale from being sent again after a 429 that had its effect', () => {
    const stage = heedless(counting);
    let reads = 0;
    // Registered between what the first attempt had read and the look of the second one.
    const wire: Stage['wire'] = (answer, request) => {
      if (!request.path.includes('/federation/') && reads++ === 0)
        play(stage, createConversion.run(saleTo(NEW), context));
      return stage.wire!(answer, request);
    };
    const again = createConversion.run(saleTo(NEW), { ...context, firstSentAt: now });
    expect(() => play({ ...stage, wire }, again)).toThrow(Unanswered);
  });
});
