import { Refusal } from '#canonical';
import { describe, expect, it } from 'vitest';
import { assertEventPatterns } from './event-patterns.js';

describe('event patterns', () => {
  it.each([
    '*',
    'purchase.*',
    'purchase.succeeded',
    'connection.state-changed',
    'referral.link.*',
    'operation.needs-review',
    'operation.resolved',
    'hold.doubtful',
    'hold.active',
    'customer.upserted',
    'payout.rejected',
    'lane.recovered',
  ])('takes %s', pattern => expect(() => assertEventPatterns([pattern])).not.toThrow());

  it.each([
    'purchase',
    'purchse.*',
    '*.succeeded',
    'purchase.**',
    'purchase*',
    'purchase.',
    'purchase.completed',
    'referral.clicks.*',
    'hold.created.*',
    '',
    'Purchase.*',
  ])('refuses %j, which could never match', pattern => {
    const refusal = (() => {
      try {
        assertEventPatterns(['*', pattern]);
      } catch (error) {
        return error as Refusal;
      }
    })();
    expect(refusal).toMatchObject({
      code: 'validation-failed',
      members: { errors: [{ pointer: '/events/1' }] },
    });
  });
});
