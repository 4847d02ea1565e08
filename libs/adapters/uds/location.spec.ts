import { describe, expect, it } from 'vitest';
import { sale, Till } from './till.testing.js';

const left = { code: 'not-transmitted', pointer: '/locationId' };

describe('a point of sale, for which UDS has no field', () => {
  it.each([
    ['shop-1', [left]],
    [undefined, []],
  ])('is named as not transmitted where it was given: %s', (locationId, warnings) => {
    const till = new Till();
    const ask = { ...sale(), locationId };
    expect(till.does('createQuote', ask)).toMatchObject({ warnings });
    expect(till.buys(ask)).toMatchObject({ warnings });
    expect(till.judges(ask)).toMatchObject({ verdict: 'executed', result: { warnings } });
    expect(till.judges(ask, { tries: 0 })).toMatchObject({ result: { warnings } });
  });

  it('is so beside the repeat, too', () => {
    const till = new Till();
    const ask = { ...sale(), locationId: 'shop-1' };
    const unknown = { identifier: { type: 'code', value: 'none' } } as const;
    expect(() => till.buys({ ...ask, subject: unknown })).toThrow();
    expect(till.judges(ask)).toMatchObject({ evidence: 'proof', result: { warnings: [left] } });
  });
});
