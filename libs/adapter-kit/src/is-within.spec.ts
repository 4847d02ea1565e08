import { expect, it } from 'vitest';
import { isWithin } from './is-within.js';

const from = new Date('2026-01-15T10:00:00Z');
const to = new Date('2026-01-15T12:00:00Z');

it.each([
  ['2026-01-15T09:59:59Z', false],
  ['2026-01-15T10:00:00Z', true],
  ['2026-01-15T12:00:00Z', true],
  ['2026-01-15T12:00:01Z', false],
  ['yesterday', true],
  [undefined, true],
])('%s is in the range: %s', (time, isIn) => expect(isWithin(time, { from, to })).toBe(isIn));

it('a range may have one end, or none', () => {
  const earlier = '2026-01-14T00:00:00Z';
  const later = '2026-01-16T00:00:00Z';
  expect([earlier, later].map(time => isWithin(time, { from }))).toEqual([false, true]);
  expect([earlier, later].map(time => isWithin(time, { to }))).toEqual([true, false]);
  expect(isWithin(earlier, {})).toBe(true);
});
