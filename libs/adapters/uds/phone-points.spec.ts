import { Unanswered } from '#adapter-kit';
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

  it.each([true, false])('are refused where the settings do not say that they are taken: %s', takes => {
    const till = new Till({ usePointsByPhone: takes });
    till.wire = (answer, { path }) => {
      const { usePointsByPhone: _unsaid, ...body } = answer.body as Record<string, unknown>;
      return path === '/settings' ? { ...answer, body } : answer;
    };
    expect(outcomeOf(till)).toBe('redeem-requires-code');
    expect(till.sent).toEqual(['GET /settings', 'GET /settings']);
  });

  it('are taken where only the second look at the settings says so', () => {
    const till = new Till({ usePointsByPhone: true });
    till.wire = answer => {
      const { usePointsByPhone: _unsaid, ...body } = answer.body as Record<string, unknown>;
      return till.sent.length === 1 ? { ...answer, body } : answer;
    };
    expect(outcomeOf(till)).toEqual(rub('900.00'));
  });

  it('are not refused while UDS cannot be asked whether it still refuses them', () => {
    const till = new Till({ usePointsByPhone: false });
    till.wire = answer => (till.sent.length === 1 ? answer : { status: 503, body: 'Server Error' });
    expect(() => till.buys(byPhone())).toThrow(Unanswered);
  });
});
