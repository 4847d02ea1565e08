import { describe, expect, it } from 'vitest';
import { Unanswered } from '#adapter-kit';
import type { SimulatedAnswer, Stage } from '#adapter-kit/testing';
import { recreativ } from './recreativ.adapter.js';
import { extension, judge, lostOn, never, refused, stageOf } from './stage.testing.js';

describe('Recreativ: offers and multipliers', () => {
  const body = { campaignId: '222', description: 'Эклер', url: 'https://coffee.example.ru/eclair' };

  it('creates an offer, and finds it if the answer was lost', () => {
    expect(extension(stageOf(), 'createOffer', { body })).toEqual({ id: '3101' });
    const stage = stageOf({}, lostOn('POST'));
    const steps = {};
    expect(() => extension(stage, 'createOffer', { body }, steps)).toThrow(Unanswered);
    const { reconcile } = recreativ.extensions!['createOffer']!;
    const found = judge({ ...stage, wire: undefined }, reconcile, { params: {}, query: {}, body }, steps);
    expect(found).toMatchObject({
      verdict: 'executed',
      evidence: 'strong',
      result: { id: '3101', title: 'Эклер' },
    });
    expect(judge(stageOf(), reconcile, { params: {}, query: {}, body }, steps)).toEqual({
      verdict: 'absent',
    });
    const other = { ...body, description: 'Другой', url: 'https://coffee.example.ru/other' };
    const another = { params: {}, query: {}, body: other };
    expect(judge({ ...stage, wire: undefined }, reconcile, another, steps)).toEqual({ verdict: 'absent' });
  });

  it('refuses a bid with more digits than a number can have, before anything is sent', () => {
    const precise = { ...body, clickPrice: '123456789.123456789012' };
    expect(refused(() => extension(stageOf({}, never), 'createOffer', { body: precise }))).toEqual([
      'validation-failed',
      '/clickPrice',
    ]);
  });

  it('does not know the outcome if the answer has the id of an older offer', () => {
    const older = (stage: ReturnType<typeof stageOf>) =>
      extension(stage, 'campaignOffers', { params: { id: '222' } });
    const [{ id }] = older(stageOf());
    const answered: Stage['wire'] = (answer, { method }) =>
      method === 'POST' ? { status: 201, body: { id } } : answer;
    expect(() => extension(stageOf({}, answered), 'createOffer', { body })).toThrow(Unanswered);
  });

  it.each([
    ['a text cut', { title: 'Эклер с ванильным' }],
    ['a text escaped', { title: 'Эклер с ванильным кремом &quot;Утро&quot;' }],
    ['a text with quotes of another kind', { title: 'Эклер с ванильным кремом «Утро»' }],
    [
      'an address with marks of Recreativ',
      { url: 'https://www.coffee.example.ru/eclair/?utm_source=recreativ' },
    ],
    ['another protocol', { url: 'http://coffee.example.ru/eclair' }],
    ['an address that leads to it', { url: 'https://recreativ.com/go?u=https%3A%2F%2Fcoffee.example.ru' }],
    ['another text', { title: 'Новинка' }],
  ])('does not report an offer as absent that is listed with %s', (_how, drift) => {
    const ask = { params: {}, query: {}, body: { ...body, description: 'Эклер с ванильным кремом "Утро"' } };
    const { reconcile } = recreativ.extensions!['createOffer']!;
    const steps = {};
    const stage = stageOf({}, lostOn('POST'));
    expect(() => extension(stage, 'createOffer', ask, steps)).toThrow(Unanswered);
    const rewritten = (answer: SimulatedAnswer) => {
      const { offers, ...campaign } = answer.body as { offers: { id: number }[] };
      const last = offers.map(offer => (offer.id === 3101 ? { ...offer, opis: null, ...drift } : offer));
      return { ...answer, body: { ...campaign, offers: last } };
    };
    const look = (lostForMs: number) =>
      judge({ ...stage, wire: rewritten }, reconcile, ask, steps, lostForMs);
    expect(look(0)).toMatchObject({ verdict: 'inconclusive', final: false });
    expect(look(60_000)).toMatchObject({ verdict: 'inconclusive', final: true });
  });

  it.each([
    ['without its address, with another text', { title: 'Чай' }, 'absent'],
    ['without its text, with another address', { url: 'https://coffee.example.ru/tea' }, 'absent'],
    ['without its address, with almost the text', { title: 'эклер' }, 'inconclusive'],
    ['without its text, with almost the address', { url: `${body.url}?utm_source=r` }, 'inconclusive'],
    [
      'without its text, by http, with www, in capitals',
      { url: 'http://www.coffee.example.ru/Eclair/' },
      'inconclusive',
    ],
    [
      'with an address that is none, and the text',
      { url: 'coffee.example.ru', title: 'Эклер' },
      'inconclusive',
    ],
    ['without both', {}, 'inconclusive'],
    ['without its address, with the text', { title: 'Эклер' }, 'executed', 'weak'],
    ['without its text, with the address', { url: body.url }, 'executed', 'weak'],
    ['with a second text', { url: body.url, title: 'Новинка', opis: 'Эклер' }, 'executed', 'strong'],
  ])('compares a new offer that is listed %s by what is shown', (_how, shown, verdict, evidence?: string) => {
    const rows: Stage['wire'] = () => ({ status: 200, body: { id: 222, offers: [{ id: 3101, ...shown }] } });
    const { reconcile } = recreativ.extensions!['createOffer']!;
    const ask = { params: {}, query: {}, body };
    expect(judge(stageOf({}, rows), reconcile, ask, { 'known-offers': { ids: [] } })).toMatchObject({
      verdict,
      ...(evidence && { evidence }),
    });
  });

  it.each([
    ['Эклер с ванильным', 'inconclusive'],
    ['Эклер с ванильным кремом и орехами', 'inconclusive'],
    ['Эклер', 'absent'],
    ['Пирог с ванильным кремом', 'absent'],
  ])('compares a text that may be cut: %s', (title, verdict) => {
    const rows: Stage['wire'] = () => ({ status: 200, body: { id: 222, offers: [{ id: 3101, title }] } });
    const { reconcile } = recreativ.extensions!['createOffer']!;
    const ask = { params: {}, query: {}, body: { ...body, description: 'Эклер с ванильным кремом' } };
    const found = judge(stageOf({}, rows), reconcile, ask, { 'known-offers': { ids: [] } });
    expect(found).toMatchObject({ verdict });
  });

  it('does not find the new offer in an equal one that was there before', () => {
    const older = { id: 3003, title: body.description, url: body.url };
    const rows: Stage['wire'] = () => ({ status: 200, body: { id: 222, offers: [older] } });
    const { reconcile } = recreativ.extensions!['createOffer']!;
    const before = { 'known-offers': { ids: ['3003'] } };
    expect(judge(stageOf({}, rows), reconcile, { params: {}, query: {}, body }, before)).toEqual({
      verdict: 'absent',
    });
  });

  it.each([
    [0, 'absent'],
    [19, 'absent'],
    [20, 'inconclusive'],
    [50, 'inconclusive'],
  ])('finds nothing in a list of %i offers: %s', (count, verdict) => {
    const offers = Array.from({ length: count }, (_, at) => ({
      id: at + 1,
      title: 'Чай',
      url: 'https://t.ru',
    }));
    const rows: Stage['wire'] = () => ({ status: 200, body: { id: 222, offers } });
    const { reconcile } = recreativ.extensions!['createOffer']!;
    const before = { 'known-offers': { ids: offers.map(({ id }) => String(id)) } };
    const ask = { params: {}, query: {}, body };
    expect(judge(stageOf({}, rows), reconcile, ask, before)).toMatchObject({ verdict });
  });

  it('creates an offer in a campaign that is shown without its offers, and leaves a lost answer to a person', () => {
    const bare: Stage['wire'] = (answer, { method }) =>
      method === 'GET' ? { status: 200, body: { id: 222, title: 'Выпечка' } } : answer;
    const steps = {};
    expect(extension(stageOf({}, bare), 'createOffer', { body }, steps)).toEqual({ id: '3101' });
    const { reconcile } = recreativ.extensions!['createOffer']!;
    const ask = { params: {}, query: {}, body };
    expect(judge(stageOf({}, bare), reconcile, ask, steps)).toMatchObject({ final: true });
    const again = { ...stageOf({}, bare), context: { ...stageOf().context, firstSentAt: new Date() } };
    expect(() => extension(again, 'createOffer', { body })).toThrow(Unanswered);
  });

  it('leaves two new offers that match to a person at once', () => {
    const ask = { params: {}, query: {}, body };
    const stage = stageOf({}, lostOn('POST'));
    const steps = {};
    expect(() => extension(stage, 'createOffer', ask, steps)).toThrow(Unanswered);
    extension({ ...stage, wire: undefined }, 'createOffer', ask);
    const { reconcile } = recreativ.extensions!['createOffer']!;
    expect(judge({ ...stage, wire: undefined }, reconcile, ask, steps)).toMatchObject({
      verdict: 'inconclusive',
      final: true,
    });
  });

  it.each([
    ['https://кофе.рф/a', 'https://xn--e1ajmy.xn--p1ai/a'],
    ['https://x.ru/меню', 'https://x.ru/%D0%BC%D0%B5%D0%BD%D1%8E'],
    ['https://x.ru/%D0%BC%D0%B5%D0%BD%D1%8E', 'https://x.ru/меню'],
    ['https://X.ru/1', 'https://x.ru:443/1/'],
  ])('finds the offer to %s that is listed with %s', (url, listed) => {
    const ask = { params: {}, query: {}, body: { ...body, url } };
    const rows: Stage['wire'] = () => ({
      status: 200,
      body: { id: 222, offers: [{ id: 3101, url: listed, title: 'Эклер' }] },
    });
    const { reconcile } = recreativ.extensions!['createOffer']!;
    expect(judge(stageOf({}, rows), reconcile, ask, { 'known-offers': { ids: [] } })).toMatchObject({
      verdict: 'executed',
      evidence: 'strong',
    });
  });

  it('uses the value in the answer to a multiplier', () => {
    const says = (body: object) => stageOf({}, answer => ({ ...answer, status: 200, body }));
    const site = { params: { id: '111', siteKey: '2222s3333' }, body: { coefficient: '5' } };
    expect(extension(says({ coef: '2.50' }), 'setSiteMultiplier', site)).toMatchObject({
      coefficient: '2.5',
    });
  });

  it.each([
    [200, 'SQLSTATE[HY000]: General error'],
    [200, false],
    [404, '404 page not found'],
  ])('does not read status %i with %j as a success', (status, body) => {
    const stage = stageOf({}, () => ({ status, body }));
    const params = { id: '111', siteKey: '2222s3333', device: 'mobile' };
    const writes = [
      ['deleteOffer', undefined],
      ['setOfferActive', { active: false }],
      ['setSiteMultiplier', { coefficient: '2' }],
      ['setDeviceMultiplier', { coefficient: '2' }],
    ] as const;
    for (const [name, body] of writes) expect(() => extension(stage, name, { params, body }), name).toThrow();
  });

  it.each([
    ['campaign', { params: { id: '111' } }, { id: 222, title: 'Чай' }],
    ['userCampaigns', { params: { id: '6001' } }, { id: 6002, campaigns: [] }],
    ['campaignOffers', { params: { id: '111' } }, { id: 222, offers: [] }],
    ['offer', { params: { id: '3001' } }, { id: 3002 }],
    ['site', { params: { id: '2222' } }, { id: '2223' }],
    ['siteBlocks', { params: { id: '2222' } }, { id: 2223, blocks: [] }],
    ['block', { params: { id: '3333' } }, { id: 4444 }],
    ['siteMultiplier', { params: { id: '111', siteKey: '2222s3333' } }, { coef: 2, campaignId: 222 }],
    ['siteMultiplier', { params: { id: '111', siteKey: '2222s3333' } }, { coef: 2, siteId: 2223 }],
    ['createOffer', { body: { ...body, campaignId: '111' } }, { id: 222, offers: [] }],
  ])('does not show another object in place of the requested one: %s', (name, ask, other) => {
    const stage = stageOf({}, answer => ({ ...answer, status: 200, body: other }));
    expect(() => extension(stage, name, ask)).toThrow(Unanswered);
  });

  it('accepts a multiplier without the ids of its place', () => {
    const stage = stageOf({}, () => ({ status: 200, body: { coef: 2, campaignId: null } }));
    const params = { id: '111', siteKey: '2222s3333' };
    expect(extension(stage, 'siteMultiplier', { params })).toMatchObject({ coefficient: '2' });
  });

  it('leaves the limit of a text to Recreativ, since it depends on the country of the campaign', () => {
    const long = { ...body, description: 'к'.repeat(61) };
    expect(refused(() => extension(stageOf(), 'createOffer', { body: long }))).toEqual([
      'validation-failed',
      '/description',
    ]);
    expect(extension(stageOf(), 'createOffer', { body: { ...long, campaignId: '555' } })).toEqual({
      id: '3101',
    });
  });

  it('switches and deletes, and accepts a repeat', () => {
    const stage = stageOf();
    const params = { id: '3001' };
    for (let turn = 1; turn <= 2; turn++) {
      expect(extension(stage, 'setOfferActive', { params, body: { active: false } })).toEqual({
        id: '3001',
        active: false,
      });
      expect(extension(stage, 'offer', { params })).toMatchObject({ active: false });
    }
    expect(extension(stage, 'deleteOffer', { params })).toBeNull();
    const again = { ...stage, context: { ...stage.context, repeated: true } };
    expect(extension(again, 'deleteOffer', { params })).toBeNull();
    expect(extension(stage, 'deleteOffer', { params, removed: true })).toBeNull();
    expect(refused(() => extension(stage, 'offer', { params }))).toEqual(['not-found']);
  });

  it('does not report an unknown offer as deleted', () => {
    const typo = () => extension(stageOf(), 'deleteOffer', { params: { id: '3999' } });
    expect(refused(typo)).toEqual(['not-found']);
    expect(typo).toThrow('Recreativ has no offer 3999: it is already deleted, or never existed.');
    const plainly = stageOf({}, () => ({ status: 404, body: 'Not Found' }));
    expect(refused(() => extension(plainly, 'deleteOffer', { params: { id: '3999' } }))).toEqual([
      'not-found',
    ]);
  });

  it('sets multipliers, for known devices only', () => {
    const stage = stageOf();
    const params = { id: '111', siteKey: '2222s3333' };
    extension(stage, 'setSiteMultiplier', { params, body: { coefficient: '0.50' } });
    expect(extension(stage, 'siteMultiplier', { params })).toMatchObject({
      coefficient: '0.5',
      siteId: '2222',
    });
    expect(extension(stage, 'siteMultipliers', { params })).toHaveLength(3);
    const fridge = { params: { id: '111', device: 'fridge' }, body: { coefficient: '2' } };
    // No pointer: the device stands in the path.
    expect(refused(() => extension(stage, 'setDeviceMultiplier', fridge))).toEqual(['validation-failed']);
  });

  it('lists a row once that moves to the next page meanwhile', () => {
    const paged = (rowOf: (at: number) => object) =>
      stageOf({}, (_, { query }) => {
        const [from, count] = query.get('page') ? [19, 5] : [0, 20];
        return { status: 200, body: Array.from({ length: count }, (_, at) => rowOf(from + at)) };
      });
    expect(
      extension(
        paged(id => ({ id })),
        'campaigns',
        { query: {} },
      ),
    ).toHaveLength(24);
    const multiplier = (at: number) => ({ coef: 1, siteId: at % 2, informerId: at });
    expect(extension(paged(multiplier), 'siteMultipliers', { params: { id: '111' } })).toHaveLength(24);
  });

  it('requests archived campaigns with 0', () => {
    const ids = (query: object) =>
      extension(stageOf(), 'campaigns', { query }).map((each: { id: string }) => each.id);
    expect(ids({ archived: true })).toEqual(['444']);
    expect(ids({ archived: false, type: 'retargeting' })).toEqual(['333']);
    expect(ids({ ids: ['111', '222'] })).toEqual(['111', '222']);
  });
});
