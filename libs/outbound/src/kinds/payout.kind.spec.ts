import { describe, expect, it } from 'vitest';
import { masked } from './payout.kind.js';

describe('a masked account', () => {
  it.each([
    ['U1234567', '••••4567'],
    ['2200 7001 1234 5678', '••••5678'],
    ['abc', '••••c'],
    ['7', '••••'],
    ['', '••••'],
  ])('%s is shown as %s: four signs at most, and never more than half', (account, shown) => {
    expect(masked(account)).toBe(shown);
  });
});
