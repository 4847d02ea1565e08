import { Refusal } from '#canonical';
import { describe, expect, it } from 'vitest';
import { rub, sale, Till } from './till.testing.js';

const byPhone = () =>
  sale({ subject: { identifier: { type: 'phone', value: '+79990000001' } }, redeemPoints: '100' });

/** The code of the refusal, or the amount to pay. */
function outcomeOf(till: Till): unknown {
  try {
    return till.buys(byPhone()).payable;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

describe('points by phone', () => {
  it('are taken only where the company allows it', () => {
    const strict = new Till({ usePointsByPhone: false });
    expect(outcomeOf(strict)).toBe('redeem-requires-code');
    // The second request reads fresh settings: the first may be minutes old.
    expect(strict.sent).toEqual(['GET /settings', 'GET /settings']);
    expect(outcomeOf(new Till({ usePointsByPhone: true }))).toEqual(rub('900.00'));
  });

  it.each([
    [true, rub('900.00')],
    [false, 'redeem-requires-code'],
  ])('are left to UDS where the settings do not say whether it takes them: %s', (usePointsByPhone, end) => {
    const till = new Till({ usePointsByPhone });
    till.wire = (answer, { path }) => {
      const { usePointsByPhone: _unsaid, ...body } = answer.body as Record<string, unknown>;
      return path === '/settings' ? { ...answer, body } : answer;
    };
    expect(outcomeOf(till)).toEqual(end);
    expect(till.sent).toContain('POST /operations');
  });
});
