import { describe, expect, it } from 'vitest';
import { Till, anna, annaId } from './till.testing.js';

const oleg = '62ac00000000000000000003';

function held(till: Till, points: string): Record<string, string> {
  const ask = { subject: { identifier: anna }, points, durationSeconds: 600 };
  return (till.does('createHold', ask) as { refs: Record<string, string> }).refs;
}

describe('LoyalClient: the check of a hold', () => {
  it('finds an active hold, also with another hold of the same client', () => {
    const till = new Till();
    const [first, second] = [held(till, '300'), held(till, '578')];
    expect(till.probes(first, '300')).toBe('stands');
    expect(till.probes(second, '578')).toBe('stands');
    expect(till.sent.slice(4)).toEqual(Array.from({ length: 6 }, () => 'recalc-balance'));
  });

  it.each([
    ['point', { client: oleg, point: 'shop-1' }, 'gone'],
    ['point', { client: oleg, point: 'shop-2' }, 'stands'],
    ['point', { client: annaId, point: 'shop-2' }, 'stands'],
    ['client', { client: oleg, point: 'shop-1' }, 'stands'],
    ['client', { client: annaId, point: 'shop-2' }, 'gone'],
    ['own', { client: annaId, point: 'shop-1' }, 'stands'],
  ] as const)(
    'if an operation ends the holds of its %s, then after one of %o the hold is found as %s',
    (holdRelease, sale, fate) => {
      const till = new Till({ holdRelease });
      const refs = held(till, '300');
      till.elsewhere(100, 0, sale);
      expect(till.probes(refs, '300')).toBe(fate);
    },
  );

  it('is unclear if more than the hold changed, or if the hold has no id', () => {
    const till = new Till();
    const refs = held(till, '800');
    till.elsewhere(500, 78, { client: annaId, point: 'shop-3' });
    expect(till.probes(refs, '799')).toBe('unclear');
    expect(till.probes({}, '800')).toBe('unclear');
  });

  it.each(['bare', 'errors', 'error', 'success-false'] as const)(
    'draws no conclusion from a refusal: %s',
    envelope => {
      const till = new Till({ envelope, refusalStatus: 200, apiKey: 'another' });
      expect(() => till.probes({ holdId: 'h' }, '1')).toThrow();
    },
  );
});
