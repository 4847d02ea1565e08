import { describe, expect, it } from 'vitest';
import { retyped, withDriftedField, withExtraFields } from './json-drift.js';
import { randomFrom } from './fault-rules.js';

const body = { id: 12, code: '007', rows: [{ name: 'a', sum: '25.0000' }, { name: null }] };

describe('one field', () => {
  it('is found by its pointer, also inside a list', () => {
    const at = { pointer: '/rows/0/name', random: () => 0 };
    expect(withDriftedField(body, 'missing', at)).toEqual({
      ...body,
      rows: [{ sum: '25.0000' }, { name: null }],
    });
  });

  it('is drawn repeatably without one, and only a text for a new word', () => {
    const draw = () => withDriftedField(body, 'new-word', { random: randomFrom(5) });
    expect(draw()).toEqual(draw());
    expect(JSON.stringify(draw())).toContain('a_new_word');
    expect(draw()).toMatchObject({ id: 12 });
  });

  it('leaves the body alone where there is no such field', () => {
    expect(withDriftedField(body, 'null', { pointer: '/none/of/it', random: () => 0 })).toEqual(body);
    expect(withDriftedField([], 'null', { random: () => 0 })).toEqual([]);
  });

  it('never changes the body that it was given', () => {
    const before = structuredClone(body);
    withDriftedField(body, 'renamed', { pointer: '/id', random: () => 0 });
    expect(body).toEqual(before);
  });
});

it('extra fields come into every object', () => {
  const addedByDrift = { since: 'v3' };
  expect(withExtraFields({ rows: [{}] })).toEqual({ rows: [{ addedByDrift }], addedByDrift });
});

it('other kinds keep what they say: no leading zero is lost', () => {
  expect(retyped(body)).toEqual({ id: '12', code: '007', rows: [{ name: 'a', sum: 25 }, { name: null }] });
});
