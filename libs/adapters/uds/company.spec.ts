import { Unanswered } from '#adapter-kit';
import type { LookupAsk } from '#canonical';
import { describe, expect, it } from 'vitest';
import { Till } from './till.testing.js';

const companyWith = (change: (settings: object) => unknown, settings = {}): Till => {
  const till = new Till({}, settings);
  till.wire = (answer, { path }) =>
    path === '/settings' ? { ...answer, body: change(answer.body as object) } : answer;
  return till;
};
const currencyOf = (till: Till) => till.does('getProgram', {}).currency;

describe('the settings of a UDS company', () => {
  it.each([{}, { statusCode: 401, message: 'Unauthorized' }, { error: true }])(
    'are not read from a 200 with %j',
    body => {
      expect(() => companyWith(() => body).does('getProgram', {})).toThrow(Unanswered);
    },
  );

  it('have a currency, the rouble only where they name none', () => {
    const named = (currency: unknown) => companyWith(company => ({ ...company, currency }));
    expect(currencyOf(named('kzt '))).toBe('KZT');
    for (const roubles of [null, 'RUR', 643, '₽']) expect(currencyOf(named(roubles))).toBe('RUB');
    for (const unread of ['398', 398, '₸']) expect(() => currencyOf(named(unread))).toThrow(Unanswered);
    const known = companyWith(company => ({ ...company, currency: '398' }), { currency: 'KZT' });
    expect(currencyOf(known)).toBe('KZT');
  });
});

it('a customer found by uid is the one who was sought', () => {
  const ask: LookupAsk = { identifier: { type: 'uid', value: 'U-1' }, holds: [] };
  const found = (uid: string | null) => {
    const till = new Till();
    till.wire = (answer, { path }) =>
      path === '/customers/find'
        ? { status: 200, body: { user: { uid, participant: { id: 5, points: 1 } } } }
        : answer;
    return till.does('lookupCustomer', ask);
  };
  expect(found('u-1').providerRefs).toMatchObject({ uid: 'u-1' });
  expect(found(null).providerRefs).toEqual({ participantId: '5' });
  expect(() => found('u-2')).toThrow(Unanswered);
});
