import { Unanswered } from '#adapter-kit';
import type { SimulatedAnswer } from '#adapter-kit/testing';
import type { RefundAsk } from '#canonical';
import { describe, expect, it } from 'vitest';
import { NOW, rub, sale, Till } from './till.testing.js';

const minutes = (count: number) => new Date(NOW.getTime() + count * 60_000);

describe('a refund that was answered 429', () => {
  /** A till that has sold something, and now sends a part of it back for the second time, a minute after the first. */
  const sold = (settings = {}) => {
    const till = new Till({}, settings);
    const providerOperationId = till.buys(sale()).providerOperationId!;
    const ask: RefundAsk = { providerOperationId, amount: rub('250.00'), total: rub('1000.00'), full: false };
    const again = () => {
      Object.assign(till, { now: minutes(1), firstSentAt: NOW });
      till.sent.length = 0;
      return till.does('createRefund', ask);
    };
    return { till, ask, again };
  };
  const hides =
    (ledger: SimulatedAnswer) =>
    (answer: SimulatedAnswer, { method }: { method: string }) =>
      method === 'GET' ? ledger : answer;

  it('is sent again once the ledger has shown that it was not executed', () => {
    const { till, again } = sold();
    again();
    expect(till.sent).toEqual(['GET /operations', expect.stringMatching(/^POST .*refund$/)]);
    expect(till.effects).toEqual(['purchase', 'refund']);
  });

  it.each([
    ['just now', 0],
    ['hours before, since clocks differ', -180],
  ])('is not sent again where it was executed %s', (_when, at) => {
    const { till, ask, again } = sold();
    till.now = minutes(at);
    till.does('createRefund', ask);
    expect(again).toThrow(Unanswered);
    expect(till.sent).toEqual(['GET /operations']);
  });

  it('is sent again where only other refunds of the purchase are in the ledger', () => {
    const { till, ask, again } = sold();
    ask.knownRefundIds = [till.does('createRefund', ask).providerOperationId!];
    till.now = minutes(-180);
    till.does('createRefund', { ...ask, amount: rub('100.00') });
    expect(again).not.toThrow();
  });

  it.each([
    { status: 503, body: 'Server Error' },
    { status: 404, body: { errorCode: 'notFound', message: 'No handler found' } },
    { status: 200, body: { rows: [], cursor: 'more' } },
  ])('is not sent again where the ledger cannot be read: %j', ledger => {
    const { till, again } = sold();
    till.wire = hides(ledger);
    expect(again).toThrow(Unanswered);
    expect(till.effects).toEqual(['purchase']);
  });

  it('is not sent again where the ledger may not be read', () => {
    const { till, again } = sold({ undocumentedCalls: false });
    expect(again).toThrow(Unanswered);
    expect(till.sent).toEqual([]);
  });
});

describe('a sale that was answered 429', () => {
  const again = (value: string, type: 'code' | 'phone') => {
    const till = new Till({}, { undocumentedCalls: false });
    till.firstSentAt = NOW;
    return till.buys(sale({ subject: { identifier: { type, value } } }));
  };

  it('without a nonce is sent again only with a code that dies with its first sale', () => {
    expect(again('111111', 'code')).toMatchObject({ payable: rub('1000.00') });
    expect(() => again('+79990000002', 'phone')).toThrow(Unanswered);
  });

  it('is sent again by phone, too, if it had a nonce', () => {
    const till = new Till();
    till.firstSentAt = NOW;
    till.buys(sale({ subject: { identifier: { type: 'phone', value: '+79990000002' } } }));
    expect(till.effects).toEqual(['purchase']);
  });
});
