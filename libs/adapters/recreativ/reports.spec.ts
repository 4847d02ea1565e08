import { describe, expect, it } from 'vitest';
import type { Stage } from '#adapter-kit/testing';
import type { OperationAsks } from '#canonical';
import { does, never, refused, stageOf } from './stage.testing.js';

// Yii's `collectionEnvelope`.
const enveloped = (items: unknown, headers: Record<string, string>): unknown => ({
  items,
  _meta: {
    currentPage: Number(headers['x-pagination-current-page'] ?? 1),
    pageCount: Number(headers['x-pagination-page-count'] ?? 1),
  },
});

describe('Recreativ: payouts and statistics', () => {
  it('finds payouts by a day in Russian notation', () => {
    const rows = [
      { date: '01.11.2026', wallet: 'WebMoney', amount: 1, status: 'paid' },
      { date: '05.12.2026 10:00', wallet: 'WebMoney', amount: 2, status: 'paid' },
    ];
    const stage = stageOf({}, () => ({ status: 200, headers: {}, body: rows }));
    const from = new Date('2026-12-01');
    expect(does(stage, 'listPayouts', { limit: 5, from }).data).toMatchObject([
      { createdAt: '2026-12-05 10:00' },
    ]);
    expect(does(stage, 'listPayouts', { limit: 5 }).data[1]).toMatchObject({ createdAt: '2026-11-01' });
  });

  it('lists payouts newest first, by status and by time, and no page repeats or skips one', () => {
    const stage = stageOf();
    const first = does(stage, 'listPayouts', { limit: 2 });
    expect(first.data.map(({ status }) => status)).toEqual(['pending', 'paid']);
    expect(
      does(stage, 'listPayouts', { limit: 2, cursor: first.next }).data.map(({ status }) => status),
    ).toEqual(['rejected']);
    const paid = { limit: 9, status: 'paid', from: new Date('2025-11-01') };
    expect(does(stage, 'listPayouts', paid).data).toHaveLength(1);
  });

  const rows = (ask: Partial<OperationAsks['getStatistics']>, stage = stageOf()) =>
    does(stage, 'getStatistics', { subject: 'campaigns', groupBy: 'none', ...ask });
  const year = { from: new Date('2025-12-01'), to: new Date('2026-01-10') };

  it('reads a report to its last page', () => {
    expect(rows({ ...year, groupBy: 'date' })).toHaveLength(41);
    expect(rows({ subject: 'sites', ...year })).toHaveLength(41);
  });

  it.each([
    ['without a header', (body: unknown): unknown => body],
    ['in an envelope that tells its pages', enveloped],
  ])('also reads it to the last page %s', (_, form) => {
    for (const days of [19, 20, 21, 41]) {
      const to = new Date(year.from.getTime() + (days - 1) * 86_400_000);
      for (const paging of [true, false]) {
        const bare: Stage['wire'] = answer => ({
          ...answer,
          body: form(answer.body, answer.headers ?? {}),
          headers: {},
        });
        const report = rows({ ...year, to, groupBy: 'date' }, stageOf({ paging }, bare));
        expect(new Set(report.map(({ date }) => date)).size).toBe(days);
        expect(report).toHaveLength(days);
      }
    }
  });

  it('reads a list once that a server sends whole for each page, although its counters go on', () => {
    const twenty = { ...year, to: new Date(year.from.getTime() + 19 * 86_400_000) };
    let asked = 0;
    const live: Stage['wire'] = answer => {
      asked += 1;
      const body = (answer.body as { views: number }[]).map((row, index) =>
        index === 19 ? { ...row, views: row.views + asked } : row,
      );
      return { ...answer, body, headers: {} };
    };
    expect(rows({ ...twenty, groupBy: 'date' }, stageOf({ paging: false }, live))).toHaveLength(20);
    expect(asked).toBe(2);
    const sites = Array.from({ length: 20 }, (_, index) => ({ site_id: 2222 + index, coef: 1 }));
    const moving: Stage['wire'] = answer => ({
      ...answer,
      body: sites.map(site => ({ ...site, views: ++asked })),
      headers: {},
    });
    expect(rows({ subject: 'sites', parentId: '111' }, stageOf({}, moving))).toHaveLength(20);
  });

  it('counts a site once that moves to the next page meanwhile', () => {
    const named = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => ({ site_id: `s${from + at}`, views: 1 }));
    const moved: Stage['wire'] = (_, { query }) => ({
      status: 200,
      body: query.get('page') ? named(19, 5) : named(0, 20),
    });
    expect(rows({ subject: 'sites', parentId: '111' }, stageOf({}, moved))).toHaveLength(24);
    const days: Stage['wire'] = (_, { query }) => ({
      status: 200,
      body: Array.from({ length: query.get('page') ? 1 : 20 }, () => ({ date: '2026-01-13', views: 1 })),
    });
    expect(rows({ ...year, ids: ['111'], groupBy: 'date' }, stageOf({}, days))).toHaveLength(21);
  });

  it('adds up: the sum of offers, of sites and of devices is that of the campaign', () => {
    const views = (ask: object) => rows({ ...year, ...ask }).reduce((all, row) => all + (row.views ?? 0), 0);
    const campaign = views({ ids: ['111'] });
    expect(views({ subject: 'offers', ids: ['3001', '3002'] })).toBe(campaign);
    expect(views({ subject: 'sites', parentId: '111' })).toBe(campaign);
    expect(views({ subject: 'devices', parentId: '111' })).toBe(campaign);
  });

  it('contains the subject if it is known', () => {
    const day = { from: new Date('2026-01-13T00:00:00Z'), to: new Date('2026-01-13T23:59:59Z') };
    expect(rows({ subject: 'offers', ids: ['3001', '3002'], ...day }).map(row => row.subjectId)).toEqual([
      '3001',
      '3002',
    ]);
    expect(rows({ subject: 'offers', parentId: '111', ...day })).toHaveLength(1);
    expect(rows({ subject: 'devices', parentId: '111', ids: ['mobile'] })).toMatchObject([
      { coefficient: '1.5' },
    ]);
  });

  it('asks for blocks by their ids and their site', () => {
    let asked = '';
    const wire: Stage['wire'] = (answer, { query }) => {
      asked = query.toString();
      return answer;
    };
    const report = rows({ subject: 'blocks', ids: ['3333'], parentId: '2222', ...year }, stageOf({}, wire));
    expect(report[0]).toMatchObject({ subject: 'blocks', subjectId: '3333' });
    expect(asked).toContain('siteIds=2222&blockIds=3333');
  });

  it.each([
    [{ subject: 'offers', parentId: '111' }, 'validation-failed', '/query/from'],
    [{ subject: 'offers', parentId: '111', ...year }, 'validation-failed', '/query/from'],
    [
      { subject: 'offers', ids: Array.from({ length: 11 }, (_, at) => `${at}`) },
      'validation-failed',
      '/query/ids',
    ],
    [{ subject: 'devices' }, 'validation-failed', '/query/parentId'],
    [{ subject: 'devices', parentId: '111', groupBy: 'date' }, 'unsupported-field', '/query/groupBy'],
    [{ subject: 'sites', target: 'purchase' }, 'unsupported-field', '/query/target'],
    [{ subject: 'devices', parentId: 'all' }, 'validation-failed', '/query/parentId'],
    [{ subject: 'blocks', target: 'purchase' }, 'unsupported-field', '/query/target'],
    [{ subject: 'offers', target: 'purchase' }, 'unsupported-field', '/query/target'],
    [{ ids: ['1', 'one'] }, 'validation-failed', '/query/ids'],
    [{ subject: 'sites', parentId: '111', target: 'sale' }, 'validation-failed', '/query/target'],
    [{ parentId: '5001' }, 'unsupported-field', '/query/parentId'],
    [{ ids: ['one'] }, 'validation-failed', '/query/ids'],
  ] as const)('refuses %j before anything is sent', (ask, code, pointer) => {
    expect(refused(() => rows(ask as never, stageOf({}, never)))).toEqual([code, pointer]);
  });
});
