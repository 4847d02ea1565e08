import { Unanswered } from '#adapter-kit';
import type { SimulatedAnswer } from '#adapter-kit/testing';
import { Refusal } from '#canonical';
import type { RefundAsk } from '#canonical';
import { describe, expect, it } from 'vitest';
import { rub, sale, Till } from './till.testing.js';

/** A till that has sold something, and the refund of it. */
function sold(settings = {}): { till: Till; ask: RefundAsk } {
  const till = new Till({}, settings);
  const total = rub('1000.00');
  const providerOperationId = till.buys(sale({ redeemPoints: '240' })).providerOperationId!;
  till.sent.length = 0;
  return { till, ask: { providerOperationId, amount: total, total, full: true } };
}

const refusing = (till: Till, refusal: SimulatedAnswer, others = (answer: SimulatedAnswer) => answer) => {
  till.wire = (answer, { path }) => (path.endsWith('/refund') ? refusal : others(answer));
};

const badRequest = { status: 400, body: { errorCode: 'badRequest', message: 'Validation failed' } };
const already = { status: 400, body: { errorCode: 'alreadyRefunded', message: 'No' } };
const conflict = { status: 409, body: { errorCode: 'conflict', message: 'No' } };

describe('a refund that reached UDS twice, and is refused the second time', () => {
  it.each([
    badRequest,
    conflict,
    { status: 404, body: { errorCode: 'notFound', message: 'Not found' } },
    already,
  ])('is not told as refused, and goes to a person: %j', refusal => {
    const { till, ask } = sold();
    refusing(till, refusal);
    expect(() => till.does('createRefund', ask)).toThrow(Unanswered);
    expect(till.effects).toEqual(['purchase', 'refund']);
    // The reversal may as well have been made by hand.
    expect(till.judgesRefund(ask, { denied: true })).toMatchObject({ verdict: 'executed', evidence: 'weak' });
  });

  it.each([null, '2026-01-15 14:00:00'])(
    'is not told as refused by a reversal at the time %s',
    dateCreated => {
      const { till, ask } = sold();
      refusing(till, badRequest, answer => {
        const { rows, ...page } = answer.body as { rows?: object[] };
        const timeless = rows?.map(row => ({ ...row, dateCreated }));
        return rows ? { ...answer, body: { ...page, rows: timeless } } : answer;
      });
      expect(() => till.does('createRefund', ask)).toThrow(Unanswered);
    },
  );

  it('is looked up later if the ledger cannot be read at that moment', () => {
    const { till, ask } = sold();
    refusing(till, badRequest, () => ({ status: 503, body: 'Server Error' }));
    expect(() => till.does('createRefund', ask)).toThrow(Unanswered);
  });

  it.each([conflict, already])('may be the one meant, also where the ledger may not be read: %j', refusal => {
    const { till, ask } = sold({ undocumentedCalls: false });
    refusing(till, refusal);
    expect(() => till.does('createRefund', ask)).toThrow(Unanswered);
  });
});

describe('a refund that is refused', () => {
  /** UDS does not know the sale, so that nothing is reversed. */
  const unknown = (settings = {}) => {
    const { till, ask } = sold(settings);
    return { till, ask: { ...ask, providerOperationId: '17' } };
  };

  it('is told so once the ledger has shown that nothing is reversed', () => {
    const { till, ask } = unknown();
    expect(() => till.does('createRefund', ask)).toThrow(Refusal);
    expect(till.sent).toEqual(['POST /operations/17/refund', 'GET /operations']);
  });

  it('is told so where its sale has no reversal but those known before', () => {
    const { till, ask } = sold();
    const half = { ...ask, full: false, amount: rub('500.00') };
    const knownRefundIds = [till.does('createRefund', half).providerOperationId!];
    const more = { ...half, amount: rub('600.00'), knownRefundIds };
    expect(() => till.does('createRefund', more)).toThrow(Refusal);
  });

  it.each([badRequest, conflict])('is told so where it was refunded by hand minutes before: %j', refusal => {
    const { till, ask } = sold();
    till.does('createRefund', ask);
    till.now = new Date(till.now.getTime() + 5 * 60_000);
    refusing(till, refusal);
    expect(() => till.does('createRefund', ask)).toThrow(Refusal);
  });

  it('with a conflict is looked up where only its sale was minutes before', () => {
    const { till, ask } = sold();
    till.now = new Date(till.now.getTime() + 5 * 60_000);
    till.hears = request => (request.path.endsWith('/refund') ? { ...request, path: '/away' } : request);
    refusing(till, conflict);
    expect(() => till.does('createRefund', ask)).toThrow(Unanswered);
  });

  describe('because it was refunded by hand long before', () => {
    const refundedBefore = () => {
      const { till, ask } = sold();
      till.does('createRefund', ask);
      till.now = new Date(till.now.getTime() + 15 * 60_000);
      return { till, ask, searched: { firstSentAt: till.now, lastSentAt: till.now } };
    };

    it('is told so once the ledger has shown no reversal since', () => {
      const { till, ask, searched } = refundedBefore();
      refusing(till, conflict);
      expect(() => till.does('createRefund', ask)).toThrow(Unanswered);
      expect(till.judgesRefund(ask, { ...searched, denied: true })).toEqual({ verdict: 'absent' });
    });

    it('is told so although the ledger could not be read at that moment', () => {
      const { till, ask, searched } = refundedBefore();
      refusing(till, badRequest, () => ({ status: 503, body: 'Server Error' }));
      expect(() => till.does('createRefund', ask)).toThrow(Unanswered);
      till.wire = answer => answer;
      expect(till.judgesRefund(ask, { ...searched, denied: true })).toEqual({ verdict: 'absent' });
    });

    it('goes to a person if nobody refused it: its own reversal may be missing in the ledger', () => {
      const { till, ask, searched } = refundedBefore();
      expect(till.judgesRefund(ask, searched)).toMatchObject({ verdict: 'inconclusive' });
    });

    it('goes to a person if not all of the ledger since then was read', () => {
      const { till, ask, searched } = refundedBefore();
      till.wire = (answer, { path }) =>
        path === '/operations' ? { status: 200, body: { rows: [], cursor: 'more' } } : answer;
      expect(till.judgesRefund(ask, { ...searched, denied: true })).toMatchObject({
        verdict: 'inconclusive',
      });
    });
  });

  it.each([
    { status: 403, body: { errorCode: 'forbidden', message: 'No' } },
    { status: 404, body: { errorCode: 'notFound', message: 'Not found' } },
    { status: 404, body: '<!DOCTYPE html><html></html>' },
    { status: 200, body: { operations: 'none' } },
  ])('is told so where the ledger is never shown: %j', ledger => {
    const { till, ask } = unknown();
    till.wire = (answer, { method }) => (method === 'GET' ? ledger : answer);
    expect(() => till.does('createRefund', ask)).toThrow(Refusal);
  });

  it('is told so without a look where that may not be, or it was about the key alone', () => {
    const alone = unknown({ undocumentedCalls: false });
    expect(() => alone.till.does('createRefund', alone.ask)).toThrow(Refusal);
    expect(alone.till.sent).toEqual(['POST /operations/17/refund']);
    const { till, ask } = unknown();
    refusing(till, { status: 401, body: { errorCode: 'unauthorized', message: 'No' } });
    expect(() => till.does('createRefund', ask)).toThrow(Refusal);
    expect(till.sent).toEqual(['POST /operations/17/refund']);
  });
});
