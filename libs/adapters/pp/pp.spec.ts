import { describe, expect, it } from 'vitest';
import { Unanswered, interpret, readWire, reader } from '#adapter-kit';
import type { Exchange, PlanRun, Steps } from '#adapter-kit';
import { contractSuite, play } from '#adapter-kit/testing';
import type { Stage } from '#adapter-kit/testing';
import type { ConversionData, Page, ReferralSummary, Refusal, StatRow } from '#canonical';
import { readClicks } from './clicks.js';
import { addPayout } from './create-payout.js';
import { codeOf, findBaseCurrency } from './currency.js';
import { readProgram } from './info.js';
import { findPayouts, knownPayouts, readPayouts } from './payouts.js';
import { pp } from './pp.adapter.js';
import type { PpSettings } from './settings.js';
import { ppSimulator } from './simulator.js';
import type { PpOptions } from './simulator/options.js';
import { countClicks } from './statistics.js';

contractSuite({
  adapter: pp,
  fixtures: new URL('./fixtures/', import.meta.url),
  simulator: ppSimulator,
  exchanges: [findBaseCurrency, readProgram, findPayouts, knownPayouts, countClicks],
});

const now = new Date('2026-01-15T12:00:00.000Z');

const stageOf = (options: PpOptions = {}, settings: object = {}): Stage => ({
  adapter: pp,
  factory: ppSimulator,
  simulator: ppSimulator.create(options),
  context: { settings: { ...settings }, now },
});

const does = <Result>(
  kind: 'getProgram' | 'getReferralSummary' | 'listConversions' | 'getStatistics',
  input: unknown,
  stage: Stage,
) => play(stage, (pp.operations[kind] as { does: Steps }).does.run(input, stage.context) as PlanRun<Result>);

describe('PP: a balance below the smallest payout', () => {
  it('is not shown as enough for it', () => {
    const wire: Stage['wire'] = answer => ({
      ...answer,
      body: { error: 0, data: { balance: '4.996', min_payout: '4.9965' } },
    });
    const stage = { ...stageOf({}, { currency: 'USD' }), wire };
    const balance = { amount: '4.99', currency: 'USD' };
    expect(does('getReferralSummary', {}, stage)).toEqual({ balance });
    expect(does('getProgram', {}, stage)).toMatchObject({
      balance,
      minPayout: { amount: '5.00', currency: 'USD' },
    });
  });
});

describe('PP: a row that a site sends twice', () => {
  const twice: Stage['wire'] = answer => {
    const { data, ...body } = answer.body as { data: { items: object } };
    const rows = Object.values(data.items);
    return { ...answer, body: { ...body, data: { ...data, items: [...rows, ...rows] } } };
  };

  it('is listed and counted once', () => {
    const ask = { subject: 'campaigns', groupBy: 'none' };
    expect(does<StatRow[]>('getStatistics', ask, { ...stageOf(), wire: twice })).toEqual(
      does<StatRow[]>('getStatistics', ask, stageOf()),
    );
    const list = (stage: Stage) => does<Page<ConversionData>>('listConversions', { limit: 100 }, stage).data;
    expect(list({ ...stageOf(), wire: twice })).toEqual(list(stageOf()));
  });
});

it.each([
  ['USDT-TRC20', 'USDTTRC20'],
  ['usd', 'USD'],
  ['Сбербанк RUB', undefined],
  ['ЮMRUB', undefined],
])('PP: the currency %s becomes %s, and never another one', (site, ours) => {
  expect(codeOf(reader(site))).toBe(ours);
});

it.each([
  [501, '', {}, true],
  [501, '', { dialect: 'userapi-v1' }, false],
  [200, '{"error":1,"error_text":"Api disabled"}', {}, false],
])(
  'a switched-off API blames the path only where that may be it: %i %s %j',
  (status, text, settings, blamed) => {
    const answer = readWire(status, {}, Buffer.from(text));
    const meaning = interpret(pp, readProgram, answer, {}, { settings, now });
    const { detail } = (meaning as { refusal: Refusal }).refusal;
    expect(detail).toMatch(/switched off/);
    expect(detail.includes('`settings.path`')).toBe(blamed);
  },
);

describe('PP: the base currency', () => {
  it('is taken from the setting, else from a payout, else XXX', () => {
    const summary = (stage: Stage) =>
      does<ReferralSummary>('getReferralSummary', {}, stage).balance?.currency;
    expect(summary(stageOf())).toBe('USD');
    expect(summary(stageOf({}, { currency: 'PMUSD' }))).toBe('PMUSD');
    expect(
      summary({
        ...stageOf(),
        wire: (answer, { query }) => (query.get('method') === 'get_payouts' ? empty : answer),
      }),
    ).toBe('XXX');
  });

  it('is not guessed if the payouts cannot be read', () => {
    const stage: Stage = {
      ...stageOf(),
      wire: (answer, { query }) => (query.get('method') === 'get_payouts' ? undefined : answer),
    };
    expect(() => does('getReferralSummary', {}, stage)).toThrow(Unanswered);
  });
});

const empty = { status: 200, body: { error: 0, error_text: '' } };

describe('PP: conversions', () => {
  const statuses = (stage: Stage, dialect?: string) => {
    const settings = { dialect };
    const page = does<Page<ConversionData>>(
      'listConversions',
      { limit: 100 },
      { ...stage, context: { settings, now: stage.context.now } },
    );
    return Object.fromEntries(page.data.map(({ providerRef, status }) => [providerRef, status]));
  };

  it('follow the accrual, which may be reversed; the newer API also gives the reason', () => {
    const stage = stageOf();
    expect(statuses(stage)).toEqual({
      1901: 'pending',
      1898: 'approved',
      1895: 'approved',
      1890: 'pending',
      1871: 'approved',
    });
    const later = { ...stage, context: { settings: {}, now: new Date(now.getTime() + 20 * 60_000) } };
    expect(statuses(later)).toEqual({
      1901: 'approved',
      1898: 'pending',
      1895: 'approved',
      1890: 'pending',
      1871: 'approved',
    });
    expect(statuses(later, 'userapi-v1')).toMatchObject({
      1901: 'approved',
      1898: 'reversed',
      1890: 'reversed',
    });
  });

  it.each(['list', 'keyed'] as const)('are read the same from items as %s and from numbers', items => {
    expect(statuses(stageOf({ items, numbers: 'numbers' }))).toEqual(statuses(stageOf()));
  });

  it('are counted for the account as a whole', () => {
    const [row] = does<StatRow[]>('getStatistics', { subject: 'sites', groupBy: 'none' }, stageOf());
    expect(row).toEqual({
      subject: 'sites',
      clicks: 4,
      conversions: 3,
      revenue: { amount: '21.90', currency: 'USD' },
    });
    const days = does<StatRow[]>(
      'getStatistics',
      { subject: 'sites', groupBy: 'date', from: new Date(now.getTime() - 86_400_000 * 2.5) },
      stageOf(),
    );
    expect(days.map(({ date, clicks, conversions }) => [date, clicks, conversions])).toEqual([
      ['2026-01-13', 0, 1],
      ['2026-01-14', 1, 0],
      ['2026-01-15', 1, 1],
    ]);
    expect(() => does('getStatistics', { subject: 'sites', groupBy: 'none', ids: ['7'] }, stageOf())).toThrow(
      expect.objectContaining({ code: 'unsupported-field' }),
    );
  });
});

describe('PP: a program', () => {
  const programOf = (data: object) => {
    const stage: Stage = { ...stageOf(), wire: () => ({ status: 200, body: { error: 0, data } }) };
    return play(stage, one(readProgram, { currency: 'USD' }));
  };

  it('has no limit that the site does not tell', () => {
    const balance = { amount: '7.00', currency: 'USD' };
    const min_payout = false;
    expect(programOf({ balance: '7', min_payout })).toEqual({ currency: 'USD', balance });
  });

  it.each(['-', '—', ''])('has none where the site writes %j for it', min_payout => {
    expect(programOf({ balance: '7', min_payout })).toMatchObject({ minPayout: undefined });
  });

  it.each([{ balance: '7 or so' }, { balance: '7', min_payout: 'five' }])('is not cut short: %j', data => {
    expect(() => programOf(data)).toThrow(Unanswered);
  });
});

describe('PP: an amount with more digits than ours may have', () => {
  it('is left out, and its payout is not', () => {
    const pay_amount = '1234567890123456.78';
    const row = { id: '7', time: 1768471200, pay_amount, pay_currency_code: 'IDR', status: '1' };
    const wire: Stage['wire'] = answer => ({ ...answer, body: { error: 0, data: { items: [row] } } });
    const { data } = play({ ...stageOf(), wire }, one(readPayouts, { limit: 25 }));
    expect(data).toMatchObject([{ providerRef: '7', status: 'paid', amount: undefined }]);
  });
});

describe('PP: empty lists', () => {
  it.each(['no-data', 'no-items', 'object', 'list'] as const)('as %s', form => {
    const stage = stageOf({ empty: form });
    const input = { limit: 25, to: new Date('2001-01-01') };
    expect(play(stage, one(readClicks, input))).toEqual({ data: [] });
  });

  const meant = (exchange: Exchange, body: object, dialect: PpSettings['dialect'] = 'userapi-v1') => {
    const answer = { status: 200, headers: {}, body, text: '…', format: 'json' as const };
    return interpret(pp, exchange, answer, { limit: 25 }, { settings: { dialect }, now });
  };

  it.each(['No bid exists', 'Empty answer', 'Пустой ответ', 'Заявка не существует', '', null, undefined])(
    'as an error of the user API: %j',
    error_text => {
      const body = { error: 1, error_text };
      expect(meant(readClicks, body)).toEqual({ kind: 'done', result: { data: [] } });
      expect(meant(knownPayouts, body)).toEqual({ kind: 'done', result: { ids: [] } });
    },
  );

  it.each([
    ['of the documented API', readClicks, '', 'ppapi'],
    ['to another call', readProgram, '', undefined],
    ['to an order', addPayout, '', undefined],
    ['with another text', readClicks, 'Method not supported', undefined],
  ] as const)('not as an error %s', (_what, exchange, error_text, dialect) => {
    expect(meant(exchange, { error: 1, error_text }, dialect)).toMatchObject({ kind: 'refused' });
  });

  it('as the success of a clone', () => {
    const body = { status: 'success', data: {} };
    expect(meant(readClicks, body, 'ppapi')).toEqual({ kind: 'done', result: { data: [] } });
  });

  it('not as a success without any data', () => {
    expect(meant(readClicks, { status: 'success', result: { items: [] } }).kind).toBe('unanswered');
  });

  it('not as an error in words', () => {
    const body = { error: 'Internal failure of the site' };
    expect(meant(readClicks, body)).toMatchObject({ kind: 'refused' });
  });
});

function* one<Ask, Result>(exchange: Exchange<Ask, Result>, ask: Ask): PlanRun<Result> {
  return (yield { exchange, ask }) as Result;
}

describe('PP: statistics by day', () => {
  it('count visits without a day in a row without a date', () => {
    const timeless: Stage['wire'] = (answer, { query }) =>
      query.get('method') === 'get_links'
        ? {
            ...answer,
            body: {
              error: 0,
              data: {
                items: [
                  { id: '2', ip: '203.0.113.2' },
                  { id: '1', time: 1768471200 },
                ],
              },
            },
          }
        : answer;
    const stage = { ...stageOf(), wire: timeless };
    expect(does('getStatistics', { subject: 'campaigns', groupBy: 'date' }, stage)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ date: '2026-01-15', clicks: 1 }),
        expect.not.objectContaining({ date: expect.anything() as string }),
      ]),
    );
  });

  it('add rewards below a cent before they are rounded', () => {
    const rewards = ['0.004', '0.004', '0.004', '0.0049'];
    const items = rewards.map((partner_reward, at) => ({
      id: String(at + 1),
      time: 1768471200 + (at % 2) * 86_400,
      accrued: 1,
      partner_reward,
    }));
    const small: Stage['wire'] = (answer, { query }) =>
      query.get('method') === 'get_exchanges' ? { ...answer, body: { error: 0, data: { items } } } : answer;
    const stage = { ...stageOf({}, { currency: 'USD' }), wire: small };
    expect(does('getStatistics', { subject: 'sites', groupBy: 'none' }, stage)).toEqual([
      expect.objectContaining({ conversions: 4, revenue: { amount: '0.02', currency: 'USD' } }),
    ]);
    expect(does('getStatistics', { subject: 'sites', groupBy: 'date' }, stage)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ date: '2026-01-15', revenue: { amount: '0.01', currency: 'USD' } }),
      ]),
    );
  });
});

describe('PP: what clones say to an order', () => {
  const said = (body: object, status = 200) =>
    interpret(
      pp,
      addPayout,
      readWire(status, {}, Buffer.from(JSON.stringify(body))),
      { methodId: '1', account: 'U7654321' },
      { settings: {}, now },
    );

  it.each([
    [{ statusCode: 500, error: 'Internal Server Error', message: 'Something broke' }],
    [{ status: 'error', error: { code: 'internal_error', message: 'Something broke' } }],
    [{ error: 1, message: 'Internal error' }],
    [{ status: 'failed', message: 'Rejected', data: { payout_id: 5 } }],
  ])('may have been placed in spite of %j', body => {
    expect(said(body).kind).toBe('unanswered');
  });

  it.each([
    [401, 'Unauthorized'],
    [403, 'Forbidden'],
    [409, 'processing'],
  ])('may have been placed in spite of a %i with a word of what stands in front: %s', (status, error) => {
    expect(said({ error }, status).kind).toBe('unanswered');
  });

  it.each([
    { code: 0, message: 'Payout is created' },
    { code: '', message: '' },
  ])('is placed where the error is none: %j', error => {
    expect(said({ error, data: { payout_id: 5 } })).toMatchObject({ kind: 'done' });
  });

  it.each([
    ['Please wait 5 min', 'provider-rejected'],
    ['min. amount is 5', 'payout-below-minimum'],
  ])('is told by its reason: %s', (error_text, code) => {
    expect(said({ error: 1, error_text })).toMatchObject({ kind: 'refused', refusal: { code } });
  });
});
