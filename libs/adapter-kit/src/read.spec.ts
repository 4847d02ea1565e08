import { describe, expect, it } from 'vitest';
import { Unreadable } from './exchange.js';
import { reader } from './read.js';

describe('text', () => {
  it.each<[unknown, string | undefined]>([
    ['00412', '00412'],
    [12, '12'],
    [1e21, '1000000000000000000000'],
    [true, 'true'],
    ['', undefined],
    ['  ', undefined],
    [null, undefined],
    [{}, undefined],
    [['a'], undefined],
  ])('of %j is %j', (value, text) => expect(reader({ value }).at('value').text()).toBe(text));
});

describe('decimal', () => {
  it.each<[unknown, string | undefined]>([
    ['25.0000', '25'],
    [0.1, '0.1'],
    ['1e+06', '1000000'],
    ['10%', '10'],
    ['1 234,50', '1234.5'],
    ['-3', '-3'],
    ['1,234.50', '1234.5'],
    ['-1,234,567', '-1234567'],
    ['0,125', '0.125'],
    ['12,5', '12.5'],
    // 1,250 in some countries, 1.25 in others.
    ['1,250', undefined],
    ['1.234,50', undefined],
    ['1,23.50', undefined],
    ['1e999999999', undefined],
    // 99.99, 115, 999.8 and 0.3 as doubles.
    ['99.989999999999995', '99.99'],
    [114.99999999999999, '115'],
    [999.8000000000001, '999.8'],
    [0.1 + 0.2, '0.3'],
    // Digits that are no rounding error.
    ['1234567.123456789012', '1234567.123456789012'],
    ['0.000000123456', '0.000000123456'],
    ['549755819292311', '549755819292311'],
    // More than any amount of ours may have.
    ['549755819292311552123', undefined],
    [1e15, undefined],
    // Rounded, it would have one more.
    ['999999999999999.5', undefined],
    ['999999999999999.4', '999999999999999.4'],
    ['-1 000 000 000 000 000.5', undefined],
    ['12abc', undefined],
    ['NaN', undefined],
    ['0x10', undefined],
    ['.', undefined],
    [true, undefined],
  ])('of %j is %j', (value, decimal) => expect(reader(value).decimal()).toBe(decimal));
});

describe('a count', () => {
  it.each<[unknown, number | undefined]>([
    [3, 3],
    ['12', 12],
    [0, 0],
    [-1, undefined],
    [1.5, undefined],
    ['many', undefined],
    [null, undefined],
  ])('of %j is %j', (value, whole) => expect(reader(value).whole()).toBe(whole));
});

describe('the id of a created object', () => {
  it.each(['a0', '00412', 312, '549755819292311552123'])('may be %j', value =>
    expect(reader(value).needId()).toBe(String(value)),
  );

  it.each([0, '0', '00', -1, '-1', '', false, true, null, undefined, {}])('is not %j', value =>
    expect(() => reader(value).needId()).toThrow(Unreadable),
  );
});

describe('flag', () => {
  it.each<[unknown, boolean | undefined]>([
    [1, true],
    ['0', false],
    ['TRUE', true],
    ['yes', true],
    ['no', false],
    [false, false],
    [2, undefined],
    [null, undefined],
  ])('of %j is %j', (value, flag) => expect(reader(value).flag()).toBe(flag));
});

describe('a path', () => {
  const body = reader({ rows: [{ id: 7 }], 'a/b': { toString: 'own' } });

  it('may continue past an absent field, and knows its pointer', () => {
    expect(body.at('rows', 0, 'id').text()).toBe('7');
    const gone = body.at('rows', 3, 'id');
    expect([gone.present, gone.text(), gone.pointer]).toEqual([false, undefined, '/rows/3/id']);
  });

  it('never finds what every object inherits', () => {
    expect(body.at('constructor').present).toBe(false);
    expect(reader([1]).at('length').text()).toBeUndefined();
    expect(reader('text').at('length').present).toBe(false);
  });
});

describe('a list', () => {
  it.each<[unknown, string[]]>([
    [
      [{ id: 1 }, { id: 2 }],
      ['1', '2'],
    ],
    [{ 1895: { id: 1895 }, 7: { id: 7 } }, ['7', '1895']],
    [undefined, []],
    [null, []],
    ['', []],
  ])('of %j has the rows %j', (value, ids) => {
    const rows = reader({ value }).at('value').list();
    expect(rows.map(row => row.at('id').text())).toEqual(ids);
  });
});

describe('a required field', () => {
  it('is reported with its pointer if it is missing or has another type', () => {
    const body = reader({ total: 'much', rows: {} });
    const failureOf = (read: () => unknown) => {
      try {
        return read();
      } catch (error) {
        return error instanceof Unreadable && error.message;
      }
    };
    expect(failureOf(() => body.at('id').needText())).toBe('/id: is missing');
    expect(failureOf(() => body.at('total').needDecimal())).toBe('/total: is not a number');
    expect(failureOf(() => body.at('total').needTime())).toBe('/total: is not a time');
    expect(failureOf(() => body.at('rows').needList())).toBe('/rows: is not a list');
    expect(failureOf(() => reader([]).needRecord())).toBe('body: is not an object');
  });
});
