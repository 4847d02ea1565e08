import { describe, expect, it } from 'vitest';
import { Unanswered } from '#adapter-kit';
import type { CustomerData, LookupAsk, Page } from '#canonical';
import type { Stage } from '#adapter-kit/testing';
import { does, never, refused, rub, stageOf } from './stage.testing.js';

/** All customers, page by page, and the number of pages. */
function everyCustomer(stage: Stage, limit: number): { ids: string[]; pages: number } {
  const ids: string[] = [];
  let page: Page<CustomerData> | undefined;
  let pages = 0;
  do {
    if (++pages > 80) throw new Error('It goes round in circles.');
    page = does(stage, 'listCustomers', { limit, cursor: page?.next });
    expect(page.data.length).toBeLessThanOrEqual(limit);
    ids.push(...page.data.map(({ providerRefs }) => providerRefs['userId']!));
  } while (page.next);
  return { ids, pages };
}

describe('Recreativ: customers', () => {
  it.each([1, 7, 20, 25, 50, 100])(
    'are listed once each, with and without paging by the server (limit %i)',
    limit => {
      for (const referrals of [0, 16, 21, 60])
        for (const paging of [true, false]) {
          const { ids } = everyCustomer(stageOf({ paging, referrals }), limit);
          expect(ids).toHaveLength(referrals + 4);
          expect(new Set(ids).size).toBe(ids.length);
        }
    },
  );

  it('are listed once each if pages have no headers', () => {
    const bare: Stage['wire'] = answer => ({ ...answer, headers: {} });
    expect(everyCustomer(stageOf({ referrals: 46 }, bare), 25).ids).toHaveLength(50);
    expect(new Set(everyCustomer(stageOf({ referrals: 47 }, bare), 25).ids).size).toBe(51);
    const stubborn = stageOf({ referrals: 21 });
    stubborn.wire = (_, request) => {
      const query = new URLSearchParams([...request.query].filter(([name]) => name !== 'per-page'));
      return { ...stubborn.simulator.handle({ ...request, query }), headers: {} };
    };
    for (const limit of [10, 25, 100]) expect(everyCustomer(stubborn, limit).ids).toHaveLength(25);
  });

  it.each([
    [10, 1],
    [56, 1],
    [64, 1],
  ])('are listed to the end where headers tell of %i rows on %i page', (total, pages) => {
    const wrong: Stage['wire'] = answer => ({
      ...answer,
      headers: {
        ...answer.headers,
        link: '',
        'x-pagination-total-count': String(total),
        'x-pagination-page-count': String(pages),
      },
    });
    const stage = stageOf({ referrals: 56 }, wrong);
    expect(everyCustomer(stage, 25).ids).toHaveLength(60);
    expect(does(stage, 'getReferralTree', {}).totalDownline).toBe(60);
  });

  it('are listed once each where Recreativ lists one twice', () => {
    const twice: Stage['wire'] = answer => ({
      ...answer,
      body: (answer.body as object[]).flatMap((row, at) => (at === 3 ? [row, row] : [row])),
    });
    for (const limit of [2, 7, 50]) {
      const { ids } = everyCustomer(stageOf({ referrals: 5 }, twice), limit);
      expect(ids).toHaveLength(9);
      expect(new Set(ids).size).toBe(9);
    }
  });

  it.each([
    [2, 1],
    [19, 1],
    [20, 2],
    [50, 2],
  ])('are shown as partners from %i rows without headers in %i requests', (count, requests) => {
    let asked = 0;
    const rows = Array.from({ length: count }, (_, at) => ({ id: 7000 + at, username: `u${at}` }));
    const bare: Stage['wire'] = () => {
      asked++;
      return { status: 200, headers: {}, body: rows };
    };
    expect(does(stageOf({}, bare), 'listPartners', { limit: 100 }).data).toHaveLength(count);
    expect(asked).toBe(requests);
  });

  it('are never another account than the requested one', () => {
    const own: Stage['wire'] = answer => ({ ...answer, body: { id: 5001, username: 'owner', balance: 7 } });
    const refs = { userId: '6001' };
    const identifier = { type: 'uid', value: '6001' } as const;
    const calls = [
      () => does(stageOf({}, own), 'getCustomer', { refs }),
      () => does(stageOf({}, own), 'lookupCustomer', { identifier, holds: [] }),
      () => does(stageOf({}, own), 'getReferralSummary', { refs }),
      () => does(stageOf({}, own), 'adjustBalance', { refs, delta: rub('1.00') }),
    ];
    for (const call of calls) expect(call).toThrow(Unanswered);
  });

  // PHP and MySQL read "6001abc" and "06001" as 6001.
  it.each(['6001abc', '06001', '6001.0', ' 6001'])('are not found by %j', value => {
    const identifier = { type: 'uid', value } as const;
    const look = () => does(stageOf({}, never), 'lookupCustomer', { identifier, holds: [] });
    expect(refused(look)).toEqual(['customer-not-found']);
  });

  it('as partners are shown once each although a new one is listed first meanwhile', () => {
    const listing = (...ids: number[]) =>
      stageOf({}, () => ({ status: 200, headers: {}, body: ids.map(id => ({ id })) }));
    const first = does(listing(3, 2, 1), 'listPartners', { limit: 2 });
    const { data } = does(listing(4, 3, 2, 1), 'listPartners', { limit: 2, cursor: first.next });
    expect(data.map(({ customerRef }) => customerRef)).toEqual(['1']);
  });

  it('are read the same from XML', () => {
    const json = stageOf();
    const asXml: Stage['wire'] = (_, request) =>
      json.simulator.handle({ ...request, headers: { ...request.headers, accept: 'application/xml' } });
    const xml = { ...json, wire: asXml };
    const ask = { refs: { userId: '6001' } };
    expect(does(xml, 'getCustomer', ask)).toEqual(does(json, 'getCustomer', ask));
    expect(does(xml, 'listPartners', { limit: 100 })).toEqual(does(json, 'listPartners', { limit: 100 }));
    const report = { subject: 'devices', groupBy: 'none', parentId: '111' } as const;
    expect(does(xml, 'getStatistics', report)).toEqual(does(json, 'getStatistics', report));
  });

  it('as partners have a time in UTC if Recreativ sends one with the date', () => {
    const users: Stage['wire'] = answer => ({
      ...answer,
      body: [
        { id: 1, date: '2025-03-01T03:00:00+03:00' },
        { id: 2, date: '2025-03-02' },
      ],
    });
    const { data } = does(stageOf({}, users), 'listPartners', { limit: 5 });
    expect(data.map(({ joinedAt }) => joinedAt)).toEqual(['2025-03-01T00:00:00.000Z', '2025-03-02']);
  });

  it('keep only a phone with a country code', () => {
    const phone = (userId: string) => does(stageOf(), 'getCustomer', { refs: { userId } }).phone;
    expect([phone('6001'), phone('6002'), phone('6003')]).toEqual(['+79031234567', undefined, null]);
  });

  it('are filtered by the day of registration', () => {
    const page = does(stageOf(), 'listCustomers', {
      limit: 50,
      from: new Date('2025-11-01'),
      to: new Date('2025-11-30'),
    });
    expect(page.data.map(({ joinedAt }) => joinedAt)).toEqual(['2025-11-08', '2025-11-16']);
  });

  it('are those of the account without a parent or with it as one, and those of a referral with it as one', () => {
    const rows = [
      { id: 1, username: 'a', parentId: 5001 },
      { id: 2, parentId: null },
      { id: 3, parentId: 1 },
    ];
    const stage = stageOf({}, answer => (Array.isArray(answer.body) ? { ...answer, body: rows } : answer));
    const below = does(stage, 'getReferralTree', {}).levels[1]!;
    expect(below).toEqual([
      { customerRef: '1', displayName: 'a', depth: 1, parentRef: '5001' },
      { customerRef: '2', depth: 1, parentRef: '5001' },
    ]);
    const { data } = does(stage, 'listPartners', { limit: 5, refs: { userId: '1' } });
    expect(data.map(({ customerRef }) => customerRef)).toEqual(['3']);
  });

  it('form a tree of one level, partners and a balance', () => {
    const stage = stageOf({ referrals: 40 });
    const tree = does(stage, 'getReferralTree', {});
    expect(tree).toMatchObject({
      root: { customerRef: '5001', parentRef: null },
      totalDownline: 44,
      maxDepth: 1,
    });
    expect(does(stage, 'getReferralTree', { refs: { userId: '6001' } }).levels).toHaveLength(1);
    const first = does(stage, 'listPartners', { limit: 40 });
    expect(does(stage, 'listPartners', { limit: 40, cursor: first.next }).data).toHaveLength(4);
    expect(does(stage, 'getReferralSummary', {})).toEqual({ balance: rub('15400.25') });
    expect(does(stage, 'getReferralSummary', { refs: { userId: '6003' } })).toEqual({
      balance: rub('-12.35'),
    });
    expect(does(stage, 'getProgram', {})).toEqual({ currency: 'RUB', balance: rub('15400.25') });
  });
});

describe('Recreativ: one customer', () => {
  const ask: LookupAsk = { identifier: { type: 'uid', value: '6001' }, holds: [] };
  const answered = (answer: object): Stage => stageOf({}, came => ({ ...came, ...answer }));

  it.each(['much', {}, true])(
    'has a balance that cannot be read: only where it is the answer, this is an error: %j',
    balance => {
      const stage = answered({ body: { id: 6001, username: 'anna', balance } });
      expect(does(stage, 'lookupCustomer', ask)).not.toHaveProperty('balance');
      const refs = { userId: '6001' };
      const calls = [
        () => does(stage, 'getReferralSummary', {}),
        () => does(stage, 'getReferralSummary', { refs }),
        () => does(stage, 'getProgram', {}),
      ];
      for (const call of calls) expect(call).toThrow(Unanswered);
      const none = answered({ body: { id: 6001, balance: null } });
      expect(does(none, 'getReferralSummary', { refs })).toEqual({});
    },
  );

  it('never has more than their balance', () => {
    const body = { id: 6001, balance: '1250.5590' };
    expect(does(answered({ body }), 'lookupCustomer', ask)).toMatchObject({ balance: rub('1250.55') });
    expect(does(answered({ body }), 'getReferralSummary', {})).toEqual({ balance: rub('1250.55') });
  });
});
