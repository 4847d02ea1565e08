import { describe, expect, it } from 'vitest';
import type { CustomerData } from '#canonical';
import { customerInV1 } from './customer.js';

const scoresOf = (told: Partial<CustomerData>) =>
  customerInV1({ providerRefs: { uid: 'u-1' }, member: true, ...told }).scores;

describe('the scores of a customer in v1', () => {
  it('are the balance, and none where there can be none', () => {
    expect(scoresOf({ balancePoints: '928.5' })).toBe(928.5);
    expect(scoresOf({ member: false })).toBe(0);
    expect(scoresOf({ tier: { kind: 'discount', rate: '5' } })).toBe(0);
  });

  it('are never 0 because the provider did not tell the balance', () => {
    expect(() => scoresOf({})).toThrow(expect.objectContaining({ code: 'provider-contract-violation' }));
  });
});
