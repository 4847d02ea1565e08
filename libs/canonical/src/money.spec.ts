import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCurrency, scaleOf } from './currency.js';
import {
  addMoney,
  compareMoney,
  isNegativeMoney,
  isZeroMoney,
  money,
  moneyAsPoints,
  percentAsPoints,
  percentOf,
  pointsAsMoney,
  roundMoney,
  subtractMoney,
  zeroMoney,
} from './money.js';

// Whole minor units as bigint: an oracle that shares nothing with the decimal library.
const kopecks = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
const rub = (minor: bigint) => {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(3, '0');
  return { amount: `${minor < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`, currency: 'RUB' };
};

describe('money', () => {
  it.each([
    ['1234.56', 'RUB', '1234.56'],
    ['1234.5', 'RUB', '1234.50'],
    [0.1, 'RUB', '0.10'],
    ['1.005', 'RUB', '1.01'],
    ['-1.005', 'RUB', '-1.01'],
    ['-0.001', 'RUB', '0.00'],
    ['1234.5', 'JPY', '1235'],
    ['1.2345', 'KWD', '1.235'],
    ['1.23456', 'CLF', '1.2346'],
    ['1e3', 'RUB', '1000.00'],
    ['0.000000000012', 'PMUSD', '0.000000000012'],
    ['12.5', 'PMUSD', '12.50'],
    ['0.00012345', 'BTC', '0.00012345'],
    ['999999999999999999999999.99', 'RUB', '999999999999999999999999.99'],
  ])('writes %s %s as %s', (amount, currency, expected) => {
    expect(money(amount, currency)).toEqual({ amount: expected, currency });
  });

  it.each(['', 'abc', 'NaN', 'Infinity', '1,5', '1 000'])('refuses %j as an amount', amount => {
    expect(() => money(amount, 'RUB')).toThrow(RangeError);
  });

  it('refuses an invalid currency code and never mixes currencies', () => {
    expect(() => money('1', 'rub')).toThrow(RangeError);
    expect(isCurrency('RUBL!')).toBe(false);
    expect(() => addMoney(money('1', 'RUB'), money('1', 'USD'))).toThrow(/USD and RUB/);
    expect(() => compareMoney(money('1', 'RUB'), money('1', 'USD'))).toThrow(RangeError);
  });

  it('knows the scale of a currency by ISO 4217', () => {
    expect(['JPY', 'RUB', 'TND', 'UYW'].map(code => scaleOf(code).kept)).toEqual([0, 2, 3, 4]);
    expect(scaleOf('XXX')).toEqual({ shown: 2, kept: 12 });
  });

  it('adds, subtracts and compares like whole kopecks', () => {
    fc.assert(
      fc.property(kopecks, kopecks, (a, b) => {
        expect(addMoney(rub(a), rub(b))).toEqual(rub(a + b));
        expect(subtractMoney(rub(a), rub(b))).toEqual(rub(a - b));
        expect(compareMoney(rub(a), rub(b))).toBe(a < b ? -1 : a > b ? 1 : 0);
        expect(money(rub(a).amount, 'RUB')).toEqual(rub(a));
        expect(isNegativeMoney(rub(a))).toBe(a < 0n);
        expect(isZeroMoney(rub(a))).toBe(a === 0n);
      }),
      { numRuns: 1_000, seed: 5 },
    );
  });

  it('rounds a percentage half-up, away from zero', () => {
    fc.assert(
      fc.property(kopecks, fc.bigInt({ min: 0n, max: 10_000n }), (a, hundredths) => {
        const share = `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, '0')}`;
        const [size, sign] = a < 0n ? [-a, -1n] : [a, 1n];
        const expected = sign * ((size * hundredths + 5_000n) / 10_000n);
        expect(percentOf(rub(a), share)).toEqual(rub(expected));
      }),
      { numRuns: 1_000, seed: 5 },
    );
  });

  it('turns money into points by rounding down, and points into money', () => {
    expect(percentAsPoints(money('99.99', 'RUB'), '5')).toBe('4.99');
    expect(moneyAsPoints(money('40.50', 'RUB'))).toBe('40.5');
    expect(pointsAsMoney('40', 'RUB')).toEqual({ amount: '40.00', currency: 'RUB' });
  });

  it('leaves canonical money unchanged, and writes the rest in its form', () => {
    expect(roundMoney({ amount: '10', currency: 'RUB' })).toEqual({ amount: '10.00', currency: 'RUB' });
    expect(zeroMoney('JPY').amount).toBe('0');
  });
});
