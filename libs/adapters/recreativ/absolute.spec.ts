import { describe, expect, it } from 'vitest';
import { Unanswered } from '#adapter-kit';
import type { SimulatedAnswer, Stage } from '#adapter-kit/testing';
import { recreativ } from './recreativ.adapter.js';
import { extension, judge, stageOf } from './stage.testing.js';

const campaign = { params: { id: '111' }, query: {}, body: { active: false } };
const offer = { params: { id: '3001' }, query: {}, body: { active: false } };
const gone = { params: { id: '3001' }, query: {}, body: undefined };
const site = { params: { id: '111', siteKey: '2222s3333' }, query: {}, body: { coefficient: '2.5' } };
const device = { params: { id: '111', device: 'mobile' }, query: {}, body: { coefficient: '2.5' } };

const changes = [
  ['setCampaignActive', campaign, { id: '111', active: false }],
  ['setOfferActive', offer, { id: '3001', active: false }],
  ['deleteOffer', gone, null],
  ['setSiteMultiplier', site, { campaignId: '111', siteKey: '2222s3333', coefficient: '2.5' }],
  ['setDeviceMultiplier', device, { campaignId: '111', device: 'mobile', coefficient: '2.5' }],
] as const;

/** A stage on which a change is answered with `told`, and has its effect unless it is lost; `reads` are counted. */
function answered(told: SimulatedAnswer, { isLost = false } = {}) {
  const stage = stageOf();
  const { simulator } = stage;
  const seen = { reads: 0 };
  const handle: typeof simulator.handle = request => {
    if (request.method === 'GET') seen.reads++;
    return request.method !== 'GET' && isLost ? told : simulator.handle(request);
  };
  const wire: Stage['wire'] = (answer, { method }) => (method === 'GET' ? answer : told);
  return { stage: { ...stage, simulator: { ...simulator, handle }, wire } as Stage, seen };
}

describe('Recreativ: a change that may be repeated', () => {
  const unproven = [
    ['setCampaignActive', 200],
    ['setCampaignActive', 202],
    ['setCampaignActive', 204],
    ['setCampaignActive', 304],
    ['setOfferActive', 200],
    ['setOfferActive', 202],
    ['setOfferActive', 304],
    ['deleteOffer', 202],
    ['setSiteMultiplier', 202],
    ['setDeviceMultiplier', 202],
  ] as const;

  it.each(unproven)('%s is confirmed by one read after an empty %i', (name, status) => {
    const [, ask, result] = changes.find(([one]) => one === name)!;
    const { stage, seen } = answered({ status });
    const made = extension(stage, name, ask);
    if (result === null) expect(made).toBeNull();
    else expect(made).toMatchObject({ ...result, ...(status === 304 && { modified: false }) });
    expect(seen.reads).toBe(1);
  });

  it.each(unproven)('%s is not believed after an empty %i if the read does not show it', (name, status) => {
    const [, ask] = changes.find(([one]) => one === name)!;
    const { stage } = answered({ status }, { isLost: true });
    expect(() => extension(stage, name, ask)).toThrow(Unanswered);
  });

  it('is not believed after a 202 that repeats what was sent', () => {
    const { stage } = answered({ status: 202, body: { id: 111, active: 0 } }, { isLost: true });
    expect(() => extension(stage, 'setCampaignActive', campaign)).toThrow(Unanswered);
  });

  it.each(changes)('%s needs no read after its documented answer', (name, ask) => {
    let reads = 0;
    const wire: Stage['wire'] = (answer, { method }) => {
      if (method === 'GET') reads++;
      return answer;
    };
    extension(stageOf({}, wire), name, ask);
    expect(reads).toBe(0);
  });
});

describe('Recreativ: the look after such a change', () => {
  const look = (stage: Stage, name: string, ask: object, { denied = false, lostForMs = 0 } = {}) => {
    const context = { ...stage.context, ...(denied && { denied }) };
    return judge({ ...stage, context }, recreativ.extensions![name]!.reconcile, ask, {}, lostForMs);
  };
  const showing = (body: unknown, status = 200) => stageOf({}, () => ({ status, headers: {}, body }));

  it.each(changes)('%s is in effect if it shows', (name, ask, result) => {
    const stage = stageOf();
    extension(stage, name, ask);
    const found = look(stage, name, ask);
    expect(found).toMatchObject({ verdict: 'executed', evidence: 'strong' });
    if (result !== null) expect(found).toMatchObject({ result });
  });

  it.each(changes)(
    '%s is not in effect if something else shows, in the words of its refusal',
    (name, ask) => {
      expect(look(stageOf(), name, ask, { denied: true })).toEqual({ verdict: 'absent' });
      expect(look(stageOf(), name, ask)).toMatchObject({
        verdict: 'absent',
        refusal: {
          code: 'provider-rejected',
          members: { detail: expect.stringContaining('never confirmed') },
        },
      });
    },
  );

  it('finds no switch of what is not there', () => {
    const missing = { name: 'Not Found', message: 'Object not found.', code: 0, status: 404 };
    expect(look(showing(missing, 404), 'setOfferActive', offer)).toMatchObject({ verdict: 'absent' });
    expect(look(showing('Not Found', 404), 'deleteOffer', gone)).toMatchObject({ verdict: 'executed' });
    for (const text of ['404 page not found', 'File not found.'])
      expect(() => look(showing(text, 404), 'deleteOffer', gone)).toThrow();
    // Another offer that is there says nothing of this one.
    expect(() => look(showing({ id: 3002 }), 'deleteOffer', gone)).toThrow();
  });

  it.each([
    ['setCampaignActive', campaign, { id: 111, title: 'Кофе' }],
    ['setOfferActive', offer, { id: 3001, active: null }],
    ['setSiteMultiplier', site, { coef: 2.45 }],
    ['setDeviceMultiplier', device, [{ device: 'desktop', coef: 2.5 }]],
    ['setDeviceMultiplier', device, []],
  ] as const)('leaves %s to a person if it does not show: %j', (name, ask, body) => {
    expect(look(showing(body), name, ask)).toMatchObject({ verdict: 'inconclusive', final: false });
    expect(look(showing(body), name, ask, { lostForMs: 60_000 })).toMatchObject({ final: true });
  });
});
