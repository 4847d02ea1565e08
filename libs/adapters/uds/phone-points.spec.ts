import { Refusal } from '#canonical';
import { describe, expect, it } from 'vitest';
import { rub, sale, Till } from './till.testing.js';

const byPhone = () =>
  sale({ subject: { identifier: { type: 'phone', value: '+79990000001' } }, redeemPoints: '100' });

/** The code of the refusal, or what is to be paid. */
function told(till: Till): unknown {
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
    expect(told(strict)).toBe('redeem-requires-code');
    // The second look is at the rules of now: the first may have been shared for minutes.
    expect(strict.sent).toEqual(['GET /settings', 'GET /settings']);
    expect(told(new Till({ usePointsByPhone: true }))).toEqual(rub('900.00'));
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
    expect(told(till)).toEqual(end);
    expect(till.sent).toContain('POST /operations');
  });
});
