import { expect, it } from 'vitest';
import { momentOf } from './moment.js';

it.each([
  ['2026-01-15T12:00:00Z', '2026-01-15T12:00:00.000Z'],
  ['2026-01-15T12:00:00.1234567+03:00', '2026-01-15T09:00:00.123Z'],
  ['2026-01-15T12:00:00+0300', '2026-01-15T09:00:00.000Z'],
  ['2018-10-22T13:52:46,769Z', '2018-10-22T13:52:46.769Z'],
  ['2026-01-15 12:00:00', '2026-01-15T12:00:00.000Z'],
  ['2026-01-15T12:00', '2026-01-15T12:00:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ['Thu, 15 Jan 2026 12:00:00 GMT', '2026-01-15T12:00:00.000Z'],
  ['1768478400', '2026-01-15T12:00:00.000Z'],
  ['1768478400123', '2026-01-15T12:00:00.123Z'],
])('%s is %s', (text, moment) => expect(momentOf(text)?.toISOString()).toBe(moment));

it.each([
  '2000-01-00',
  '2023-02-30',
  '2023-02-30T10:00:00Z',
  '2023-03-026',
  '0000-00-00 00:00:00',
  '2026-01-15T25:00Z',
])('%s is no day or hour of any calendar', text => expect(momentOf(text)).toBeUndefined());

it.each(['12', 'code 5', '2 days ago', 'March 7', '15.01.2026', ''])(
  '"%s" is no time, whatever Date makes of it',
  text => expect(momentOf(text)).toBeUndefined(),
);
