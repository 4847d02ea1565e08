import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exact } from './decimal.js';
import { percent } from './percent.js';
import {
  addPoints,
  comparePoints,
  floorPoints,
  isZeroPoints,
  leastPoints,
  negatePoints,
  pointsRule,
  redeemablePoints,
  subtractPoints,
} from './points.js';

describe('points', () => {
  it.each([
    ['40', '40'],
    ['40.00', '40'],
    ['40.50', '40.5'],
    [40.999, '40.99'],
    ['-40.001', '-40.01'],
    ['0.009', '0'],
    ['-0', '0'],
  ])('floors %s to %s', (given, expected) => {
    expect(floorPoints(given)).toBe(expected);
  });

  it.each([
    ['40.999', '40.99'],
    ['-0.001', '0'],
    [-5, '0'],
  ])('lets a customer with %s redeem %s', (given, expected) => {
    expect(redeemablePoints(given)).toBe(expected);
  });

  it('never gives a hundredth more than there is, nor a whole one less', () => {
    const thousandths = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
    fc.assert(
      fc.property(thousandths, n => {
        const given = exact(n.toString()).dividedBy(1000);
        const left = given.minus(exact(floorPoints(given.toFixed())));
        expect(left.greaterThanOrEqualTo(0) && left.lessThan('0.01')).toBe(true);
      }),
      { numRuns: 1_000, seed: 5 },
    );
  });

  it('calculates without binary fractions', () => {
    expect(addPoints('0.1', '0.2')).toBe('0.3');
    expect(subtractPoints('100', '0.01')).toBe('99.99');
    expect(negatePoints('5')).toBe('-5');
    expect(comparePoints('40', '40.00')).toBe(0);
    expect(leastPoints('40', '9', '100')).toBe('9');
    expect(isZeroPoints('0.00')).toBe(true);
  });
});

describe('points in a request', () => {
  it.each([
    ['any', '-5', true],
    ['any', '0', true],
    ['zero', '-5', false],
    ['zero', '-0', true],
    ['positive', '0.00', false],
    ['positive', '0.01', true],
    ['positive', '05', false],
    ['positive', '5 points', false],
  ] as const)('of the sign %s may be %s: %s', (sign, points, accepted) => {
    expect(pointsRule(sign)(points, {}) === undefined).toBe(accepted);
  });
});

describe('percent', () => {
  it('has no needless zeros', () => {
    expect([percent('10.00'), percent(7.5), percent('0')]).toEqual(['10', '7.5', '0']);
  });
});
