import { describe, expect, it } from 'vitest';
import { Unanswered } from '#adapter-kit';
import type { PlanRun, Steps } from '#adapter-kit';
import { contractSuite, play } from '#adapter-kit/testing';
import type { SimulatedAnswer, Stage } from '#adapter-kit/testing';
import type { CustomerData, LeadAsk, ProviderRefs, ReferralSummary, StatisticsAsk } from '#canonical';
import { checkOrigin, getReferralSummary } from './cabinet.js';
import { createConversion } from './conversions.js';
import { upsertUser } from './customers.js';
import { createLead } from './create-lead.js';
import { findLeads, knownLeads, listLeads } from './leads.js';
import { recca } from './recca.adapter.js';
import { reccaSimulator } from './simulator.js';

contractSuite({
  adapter: recca,
  fixtures: new URL('./fixtures/', import.meta.url),
  simulator: reccaSimulator,
  exchanges: [knownLeads, findLeads],
});

const now = new Date('2026-01-15T12:00:00.000Z');
const { demo } = reccaSimulator;
const context = { settings: demo.settings, now, operationId: 'opr_01h455vb4pex5vsknk084sn02q' };
const ivan: ProviderRefs = { tenantReccaId: 'ub_GB_xyz', reccaUserId: 'usr_01HXVB0001' };

const stageOf = (): Stage => ({
  adapter: recca,
  factory: reccaSimulator,
  simulator: reccaSimulator.create(),
  context,
});
const refused = (code: string) => expect.objectContaining({ code });
const kind = <Result>(name: 'lookupCustomer' | 'getStatistics', ask: unknown, stage = stageOf()) =>
  play(stage, (recca.operations[name] as { does: Steps }).does.run(ask, context) as PlanRun<Result>);

describe('Recca: the two ids of a person', () => {
  const lead = (referrer: ProviderRefs): LeadAsk => ({ referrer, contact: { name: 'Анна' } });

  it('are never swapped: the embed API takes ub_, the federation API takes usr_', () => {
    expect(getReferralSummary.request({ refs: ivan }, context).path).toContain('/ub_GB_xyz');
    expect(() => getReferralSummary.request({ refs: { tenantReccaId: 'usr_01HXVB0001' } }, context)).toThrow(
      refused('validation-failed'),
    );
    expect(() => getReferralSummary.request({ refs: { reccaUserId: 'usr_01HXVB0001' } }, context)).toThrow(
      refused('validation-failed'),
    );
    for (const wrong of [{ tenantReccaId: 'ub_GB_xyz' }, { reccaUserId: 'ub_GB_xyz' }] as ProviderRefs[]) {
      const stage = stageOf();
      expect(() => play(stage, createLead.run(lead(wrong), context))).toThrow(refused('validation-failed'));
      expect(JSON.stringify(stage.simulator.state())).not.toContain('Анна');
    }
  });

  it('come from an upsert and then serve both APIs', () => {
    const stage = stageOf();
    const ask = { externalId: 'shop:1', displayName: 'Олег Яковлев' };
    const { providerRefs } = play(stage, one(upsertUser, ask)) as CustomerData;
    expect(providerRefs).toEqual({
      tenantReccaId: 'ub_agp_7',
      reccaUserId: 'usr_01HXVBAGP7',
      externalId: 'shop:1',
    });
    expect(play(stage, createLead.run(lead(providerRefs), context))).toMatchObject({ status: 'new' });
    expect(play(stage, one(getReferralSummary, { refs: providerRefs }))).toMatchObject({ leadsCount: 1 });
  });

  it('are looked up by uid; other identifiers are refused before anything is sent', () => {
    expect(
      kind('lookupCustomer', { identifier: { type: 'uid', value: 'ub_GB_xyz' }, holds: [] }),
    ).toMatchObject({
      providerRefs: { tenantReccaId: 'ub_GB_xyz' },
      displayName: 'Иван Иванов',
    });
    expect(() =>
      kind('lookupCustomer', { identifier: { type: 'uid', value: 'ub_nobody' }, holds: [] }),
    ).toThrow(refused('customer-not-found'));
    expect(() =>
      kind('lookupCustomer', { identifier: { type: 'uid', value: 'usr_01HXVB0001' }, holds: [] }),
    ).toThrow(refused('validation-failed'));
    expect(() =>
      kind('lookupCustomer', { identifier: { type: 'externalId', value: 'x' }, holds: [] }),
    ).toThrow(refused('customer-not-found'));
  });
});

describe('Recca: unsupported input is refused with its pointer', () => {
  const faults = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      return (error as { members: { errors: { pointer: string }[] } }).members.errors.map(
        ({ pointer }) => pointer,
      );
    }
    return [];
  };
  const converts = (amount: string, currency: string) => () =>
    createConversion
      .run({ leadRef: 'l', amount: { amount, currency }, merchantReference: 'o' }, context)
      .next();

  it.each([
    [
      'a customer without an external id',
      () => upsertUser.request({ displayName: 'x' }, context),
      ['/externalId'],
    ],
    [
      'a phone',
      () => upsertUser.request({ externalId: 'x', phone: '+79031234567', skype: 's' }, context),
      ['/phone', '/skype'],
    ],
    [
      'times of leads',
      () => listLeads.request({ refs: ivan, limit: 5, from: now }, context),
      ['/query/from'],
    ],
    [
      'a lead state of ours alone',
      () => listLeads.request({ refs: ivan, limit: 5, status: 'other' }, context),
      ['/query/status'],
    ],
    ['nobody in particular', () => listLeads.request({ limit: 5 }, context), ['/query/customerId']],
    [
      'a referrer whose other id is not known',
      // Before anything is read.
      () => createLead.run({ referrer: { tenantReccaId: 'ub_1' }, contact: { name: 'x' } }, context).next(),
      ['/referrerCustomerId'],
    ],
    [
      'a reserved mark',
      // Before anything is read.
      () =>
        createLead.run({ referrer: ivan, contact: { name: 'x' }, metadata: { ref: 'y' } }, context).next(),
      ['/metadata/ref'],
    ],
    ['yen', converts('100', 'JPY'), ['/amount/currency']],
    ['a part of a kopeck', converts('1.005', 'RUB'), ['/amount/amount']],
    ['more kopecks than a number holds', converts('90071992547409.93', 'RUB'), ['/amount/amount']],
  ])('%s', (_, act, pointers) => expect(faults(act)).toEqual(pointers));
});

describe('Recca: the check of a connection', () => {
  const answered = (answer?: Partial<SimulatedAnswer>) =>
    play({ ...stageOf(), wire: came => (answer ? { status: 404, ...answer } : came) }, one(checkOrigin, {}));
  const allowed = { 'access-control-allow-origin': 'https://partner-site.example.com' };

  it.each([
    ['the page of another server', { body: '404 page not found' }],
    ['nothing', { body: '' }],
    ['nothing, with success', { status: 200, body: '' }],
    ['an unknown tenant', { body: { error: 'tenant not found' } }],
    ['a code for the tenant', { status: 400, body: { error: { code: 'UNKNOWN_TENANT' } } }],
  ])('is not passed by %s', (_, answer) => expect(() => answered(answer)).toThrow(Unanswered));

  it.each([
    ['by the simulator’s refusal of an unknown person', undefined],
    ['by the origin alone, as documented', { headers: allowed, body: '' }],
    ['by a refusal in JSON', { body: { error: 'user_not_found' } }],
    ['by a person unknown to the tenant', { body: { message: 'User ub_probe not found in tenant agp' } }],
    ['by an id of the wrong form', { status: 422, body: { errors: ['invalid user id'] } }],
  ])('is passed %s', (_, answer) => expect(answered(answer)).toEqual({ known: false }));
});

describe('Recca: a person who cannot be read', () => {
  const sought = (answer: Partial<SimulatedAnswer>) =>
    kind(
      'lookupCustomer',
      { identifier: { type: 'uid', value: 'ub_GB_xyz' } },
      {
        ...stageOf(),
        wire: came => ({ ...came, headers: {}, status: 404, ...answer }),
      },
    );

  it.each([{ body: '404 page not found' }, { body: { error: 'tenant not found' } }])(
    'is not unknown because of %j',
    answer => expect(() => sought(answer)).toThrow(Unanswered),
  );

  it.each([
    { body: { error: 'user not found' } },
    { body: { message: 'no participant in this tenant' } },
    { body: { message: 'no such customer in this tenant' } },
    { body: '' },
  ])('is unknown by %j', answer => expect(() => sought(answer)).toThrow(refused('customer-not-found')));
});

it.each([{ error: 'tenant not found' }, { error: 'user not found' }])(
  'a lead of Recca is submitted where its list of leads is refused with %j',
  body => {
    const wire: Stage['wire'] = (came, { path }) =>
      path.includes('/embed/') ? { ...came, headers: {}, status: 404, body } : came;
    const ask: LeadAsk = { referrer: ivan, contact: { name: 'Анна' } };
    const submitted = play({ ...stageOf(), wire }, createLead.run(ask, context));
    expect(submitted).toMatchObject({ status: 'new' });
  },
);

describe('Recca: the totals of a cabinet', () => {
  const totals = (kpi: object) =>
    play(
      { ...stageOf(), wire: came => ({ ...came, body: { ...(came.body as object), kpi } }) },
      one(getReferralSummary, { refs: ivan }),
    ) as ReferralSummary;

  it.each([
    [{}, 'RUB'],
    [{ cleared_formatted: '12 800 ₽' }, 'RUB'],
    [{ cleared_formatted: '12 800 руб.' }, 'RUB'],
    [{ cleared_formatted: '12,8 тыс. ₽' }, 'RUB'],
    [{ cleared_formatted: '12&nbsp;800&nbsp;₽' }, 'RUB'],
    [{ cleared_formatted: '12 800' }, 'RUB'],
    [{ cleared_formatted: '12 800 тенге' }, 'XXX'],
    [{ cleared_formatted: '12 800 бел. руб.' }, 'XXX'],
    [{ cleared_formatted: '12 800 ₸' }, 'XXX'],
    [{ cleared_formatted: '12 800 ₽', currency: 'KZT' }, 'KZT'],
  ])('%j are in %s', (told, currency) => {
    const cleared = { amount: '12800.00', currency };
    expect(totals({ cleared_kopecks: 1_280_000, ...told })).toMatchObject({ cleared });
  });

  it('are unknown in a currency without hundredths', () => {
    expect(totals({ cleared_kopecks: 12_345, currency: 'JPY' }).cleared).toBeUndefined();
  });
});

describe('Recca: statistics', () => {
  const ask: StatisticsAsk = { subject: 'sites', groupBy: 'none', ids: ['ub_GB_xyz'] };

  it('are totals of the given people', () => {
    expect(kind('getStatistics', ask)).toEqual([
      {
        subject: 'sites',
        subjectId: 'ub_GB_xyz',
        conversions: 1,
        revenue: { amount: '12800.00', currency: 'RUB' },
      },
    ]);
  });

  it('are refused with filters that Recca does not have', () => {
    expect(() => kind('getStatistics', { ...ask, ids: undefined })).toThrow(refused('validation-failed'));
    expect(() => kind('getStatistics', { ...ask, groupBy: 'date' })).toThrow(refused('unsupported-field'));
    expect(() => kind('getStatistics', { ...ask, from: now })).toThrow(refused('unsupported-field'));
  });
});

function* one<Ask>(exchange: { name: string }, ask: Ask): PlanRun<unknown> {
  return yield { exchange: exchange as never, ask };
}
