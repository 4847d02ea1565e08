import { describe, expect, it } from 'vitest';
import { driftsOf, madeUp, nonsenseIn } from './drift.js';

const body = { id: 7, code: '007', sum: '25.0', rows: [{ a: null }], byId: { 9: { b: 1 } } };
const drifts = driftsOf(body);
const bodyOf = (name: string) => drifts.find(drift => drift.name === name)?.body;

describe('drifts', () => {
  it('drop, null and replace each field alone', () => {
    expect(bodyOf('drop /id')).toEqual({ ...body, id: undefined });
    expect(Object.keys(bodyOf('drop /id') as object)).not.toContain('id');
    expect(bodyOf('null /rows/0')).toEqual({ ...body, rows: [null] });
    expect(bodyOf('new word /code')).toEqual({ ...body, code: 'a_new_word' });
    expect(bodyOf('nest /sum')).toEqual({ ...body, sum: { value: '25.0' } });
  });

  it('change the type only without loss', () => {
    expect(bodyOf('retype /id')).toEqual({ ...body, id: '7' });
    expect(bodyOf('retype /sum')).toEqual({ ...body, sum: 25 });
    expect(bodyOf('retype /code')).toBeUndefined();
  });

  it('extend objects, but add no row to a map of rows', () => {
    expect(bodyOf('extend /')).toMatchObject({ ...body, addedByDrift: {} });
    expect(bodyOf('extend /rows/0')).toMatchObject({ rows: [{ a: null, addedByDrift: {} }] });
    expect(bodyOf('extend /byId')).toBeUndefined();
  });

  it('include bodies of another type', () => {
    expect(drifts.map(drift => drift.body)).toEqual(expect.arrayContaining([null, [], {}, 'ok', 0]));
  });
});

describe('an invented fact', () => {
  const before = { id: '7', total: { amount: '25.00' }, note: 'paid' };

  it('is not a field that stays or disappears', () => {
    expect(madeUp({ allows: 'nothing-new' }, before, { id: '7', total: { amount: '25' } })).toEqual([]);
    expect(madeUp({ allows: 'nothing-made-up' }, before, { id: '7', note: 'other' })).toEqual([]);
  });

  it('is a zero or an empty text in place of an unknown value', () => {
    const after = { ...before, total: { amount: '0.00' }, note: '' };
    expect(madeUp({ allows: 'nothing-made-up' }, before, after)).toEqual(['amount=0', 'note=']);
  });

  it('is any other fact where nothing was lost', () => {
    expect(madeUp({ allows: 'nothing-new' }, before, { ...before, id: '8' })).toEqual(['id=8']);
  });

  it('is a word that only a bug can produce', () => {
    const nonsense = ['id-undefined', '[object Object]', 'NaN', 'null', 'Invalid Date'];
    expect(nonsenseIn({ deep: nonsense, sum: Number.NaN, fine: 'nullable', none: null })).toEqual([
      ...nonsense,
      'NaN',
    ]);
    expect(madeUp({ allows: 'anything' }, before, { note: 'null' })).toEqual(['null']);
  });
});
