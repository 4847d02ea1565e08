import { describe, expect, it } from 'vitest';
import { Unanswered, Unreadable } from '#adapter-kit';
import type { Reconcile } from '#adapter-kit';
import type { Stage } from '#adapter-kit/testing';
import { recreativ } from './recreativ.adapter.js';
import { offersList } from './offers.js';
import { does, extension, judge, lostOn, stageOf } from './stage.testing.js';

const dina = { username: 'dina', email: 'dina@example.com', displayName: 'Дина' };
const { reconcile } = (recreativ.operations.createCustomer as { traits: { reconcile?: Reconcile } }).traits;

/** A Recreativ that answers every read with this body. */
const reading = (body: unknown): Stage['wire'] => {
  return (answer, { method }) => (method === 'GET' ? { ...answer, headers: {}, body } : answer);
};
const nothings = [
  null,
  false,
  {},
  { items: null },
  { items: '' },
  { data: false },
  { success: true, data: null },
];

describe('Recreativ: an empty value of PHP instead of a list', () => {
  it.each(nothings)('shows no rows: %j', body => {
    const stage = stageOf({}, reading(body));
    expect(does(stage, 'listCustomers', { limit: 5 })).toEqual({ data: [] });
    expect(does(stage, 'listPayouts', { limit: 5 }).data).toEqual([]);
  });

  it.each(nothings)('does not prevent a registration, and does not prove absence: %j', body => {
    const made = does(stageOf({}, reading(body)), 'createCustomer', dina);
    expect(made.providerRefs).toEqual({ userId: '8001' });
    const steps = {};
    expect(() => does(stageOf({}, lostOn('POST')), 'createCustomer', dina, steps)).toThrow(Unanswered);
    expect(() => judge(stageOf({}, reading(body)), reconcile, dina, steps)).toThrow(Unreadable);
  });

  it('before a registration does not prove that the customer is new', () => {
    const steps = {};
    const wire: Stage['wire'] = (answer, request) =>
      lostOn('POST')!(answer, request) && reading(null)!(answer, request);
    expect(() => does(stageOf({}, wire), 'createCustomer', dina, steps)).toThrow(Unanswered);
    expect(judge(stageOf(), reconcile, dina, steps)).toMatchObject({ verdict: 'inconclusive' });
  });

  it.each([{ data: null, error: 'no access' }, { items: false, message: 'try later' }, 'no access'])(
    'is distinguished from an error: %j',
    body => {
      expect(() => does(stageOf({}, reading(body)), 'listCustomers', { limit: 5 })).toThrow();
    },
  );

  it.each([null, false, []])('instead of offers that existed before does not prove absence: %j', offers => {
    const ask = { params: {}, query: {}, body: { campaignId: '111', url: 'https://a.ru', description: 'A' } };
    const stage = stageOf({}, reading({ id: 111, offers }));
    const before = { 'known-offers': { ids: ['3001'] } };
    expect(judge(stage, offersList, ask, before)).toMatchObject({ verdict: 'inconclusive' });
    expect(extension(stage, 'campaignOffers', { params: { id: '111' } })).toEqual([]);
  });

  it('is no list of offers if it is a sentence', () => {
    const stage = stageOf({}, reading({ id: 111, offers: 'no access' }));
    expect(() => extension(stage, 'campaignOffers', { params: { id: '111' } })).toThrow(Unanswered);
  });
});
