import { expect, it } from 'vitest';
import { formBody, queryString, segment, wireNumber } from './wire.js';

it('a query is encoded strictly: a plus is a plus', () => {
  expect(queryString({ phone: '+79001234567', name: "a b'(*)!", none: undefined })).toBe(
    '?phone=%2B79001234567&name=a%20b%27%28%2A%29%21',
  );
  expect(queryString({ none: undefined })).toBe('');
  expect(queryString(undefined)).toBe('');
});

it('a form is a query without the question mark', () => {
  expect(formBody({ a: '1&2', b: 'ж' })).toBe('a=1%262&b=%D0%B6');
});

it('a foreign id stays one path segment', () => {
  expect(segment('../a?b#c')).toBe('..%2Fa%3Fb%23c');
});

it('a decimal becomes a JSON number only without loss', () => {
  expect(wireNumber('1234.50')).toBe(1234.5);
  expect(() => wireNumber('0.12345678901234567890')).toThrow(RangeError);
  expect(() => wireNumber('9007199254740993')).toThrow(RangeError);
});
