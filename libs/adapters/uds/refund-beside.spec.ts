import type { RefundAsk } from '#canonical';
import { Refusal } from '#canonical';
import { Unanswered } from '#adapter-kit';
import { describe, expect, it } from 'vitest';
import { NOW, rub, sale, Till } from './till.testing.js';

const seconds = (count: number) => new Date(NOW.getTime() + count * 1_000);
const refusedWith = { status: 400, body: { errorCode: 'badRequest', message: 'Not possible' } };

/** A till that has sold something for 1,000. */
function sold() {
  const till = new Till();
  const providerOperationId = till.buys(sale()).providerOperationId!;
  const refund = (amount: string): RefundAsk => ({
    providerOperationId,
    amount: rub(amount),
    total: rub('1000.00'),
    full: amount === '1000.00',
  });
  /** Refunds through the cabinet of UDS, some seconds after ours was sent. */
  const byHand = (after: number, amount: string) => {
    till.now = seconds(after);
    const { providerOperationId: id } = till.does('createRefund', refund(amount));
    till.now = NOW;
    return id;
  };
  return { till, refund, byHand };
}

const timeless = (till: Till, drift: object) => {
  till.wire = answer => {
    const { rows, ...page } = answer.body as { rows?: object[] };
    return rows ? { ...answer, body: { ...page, rows: rows.map(row => ({ ...row, ...drift })) } } : answer;
  };
};

describe('a lost refund beside one made by hand', () => {
  it.each([-55, -20, -6])('of the same amount %i s before is not that one', after => {
    const { till, refund, byHand } = sold();
    byHand(after, '250.00');
    expect(till.judgesRefund(refund('250.00'))).toEqual({
      verdict: 'inconclusive',
      note: 'A matching reversal was found, but it was recorded before ours was sent.',
    });
  });

  it('is found by a clock in whole seconds', () => {
    const { till, refund, byHand } = sold();
    byHand(-2, '250.00');
    expect(till.judgesRefund(refund('250.00'))).toMatchObject({ verdict: 'executed', evidence: 'strong' });
  });

  it('that it was refused for goes to a person at once', () => {
    const { till, refund, byHand } = sold();
    byHand(-20, '250.00');
    expect(till.judgesRefund(refund('250.00'), { denied: true })).toMatchObject({ evidence: 'weak' });
  });

  it.each([{ dateCreated: null }, { dateCreated: '2026-01-15 14:00:00' }])(
    'is not said to be older where its time says nothing: %j',
    drift => {
      const { till, refund, byHand } = sold();
      byHand(0, '250.00');
      timeless(till, drift);
      expect(till.judgesRefund(refund('250.00'))).toEqual({
        verdict: 'inconclusive',
        note: 'A matching reversal was found, but its time does not show whether it was recorded before ours was sent.',
      });
    },
  );

  it('of more than it asked for is told apart from that one', () => {
    const { till, refund, byHand } = sold();
    byHand(1, '300.00');
    expect(till.judgesRefund(refund('250.00'))).toEqual({ verdict: 'absent' });
    const id = byHand(2, '250.00');
    expect(till.judgesRefund(refund('250.00'))).toMatchObject({
      verdict: 'executed',
      result: { providerOperationId: id },
    });
  });

  it.each(['250.00', '1000.00'])('of %s: one of less is not that one, since something is left', amount => {
    const { till, refund, byHand } = sold();
    byHand(1, '100.00');
    expect(till.judgesRefund(refund(amount))).toEqual({ verdict: 'absent' });
    expect(till.judgesRefund(refund(amount), { denied: true })).toEqual({ verdict: 'absent' });
  });

  it('of its amount is told apart from one of less', () => {
    const { till, refund, byHand } = sold();
    const id = byHand(1, '250.00');
    byHand(2, '100.00');
    expect(till.judgesRefund(refund('250.00'))).toMatchObject({
      verdict: 'executed',
      result: { providerOperationId: id },
    });
  });

  // UDS may have given back what was left.
  it.each([
    ['nothing is left', ['900.00', '100.00'], {}],
    ['what is left is not known', ['100.00'], { total: null }],
    ['its amount is rounded', ['249.99'], {}],
    ['it does not name its purchase', ['250.00'], { origin: null }],
  ])('of less may be that one where %s', (_why, amounts, drift) => {
    const { till, refund, byHand } = sold();
    amounts.forEach((amount, nth) => byHand(nth + 1, amount));
    timeless(till, drift);
    expect(till.judgesRefund(refund('250.00'))).toMatchObject({ verdict: 'inconclusive' });
  });

  it('of less may be that one beside one of its amount, where nothing is left', () => {
    const { till, refund, byHand } = sold();
    byHand(1, '900.00');
    byHand(2, '100.00');
    expect(till.judgesRefund(refund('900.00'))).toMatchObject({ verdict: 'inconclusive' });
  });

  it.each([
    ['one without a purchase may have taken the rest', { origin: null }, 'inconclusive'],
    ['the rest was taken from another purchase', { origin: { id: 17 }, total: -1500 }, 'absent'],
  ])('of less: %s', (_why, drift, verdict) => {
    const { till, refund, byHand } = sold();
    byHand(1, '500.00');
    byHand(2, '100.00');
    till.wire = answer => {
      const { rows, ...page } = answer.body as { rows?: { total: number }[] };
      const drifted = rows?.map(row => (row.total === -500 ? { ...row, ...drift } : row));
      return rows ? { ...answer, body: { ...page, rows: drifted } } : answer;
    };
    expect(till.judgesRefund(refund('250.00'))).toMatchObject({ verdict });
  });

  it('of less may be that one where the ledger is not read back to the sale', () => {
    const { till, refund, byHand } = sold();
    byHand(1, '100.00');
    till.wire = answer => {
      const { rows, ...page } = answer.body as { rows?: object[] };
      return rows ? { ...answer, body: { ...page, rows: rows.slice(0, 1) } } : answer;
    };
    expect(till.judgesRefund(refund('250.00'))).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('a refund that is refused beside one made by hand', () => {
  it.each([
    [['300.00'], 'badRequest', Refusal],
    [['300.00'], 'conflict', Unanswered],
    [['1000.00'], 'badRequest', Refusal],
    [['250.00'], 'badRequest', Unanswered],
    [['100.00'], 'badRequest', Refusal],
    [['100.00'], 'conflict', Unanswered],
    [['800.00', '200.00'], 'badRequest', Unanswered],
  ])('of %s: %s', (amounts, errorCode, told) => {
    const { till, refund, byHand } = sold();
    for (const amount of amounts) byHand(-1, amount);
    till.hears = request => (request.path.endsWith('/refund') ? { ...request, path: '/away' } : request);
    till.wire = (answer, { path }) =>
      path.endsWith('/refund')
        ? { ...refusedWith, status: errorCode === 'conflict' ? 409 : 400, body: { errorCode } }
        : answer;
    expect(() => till.does('createRefund', refund('250.00'))).toThrow(told);
  });
});

it('a matching sale is not said to be older where its time says nothing', () => {
  const till = new Till();
  till.buys(sale({ number: '15' }));
  timeless(till, { dateCreated: null });
  expect(till.judges(sale({ number: '15' }), { nonce: undefined })).toEqual({
    verdict: 'inconclusive',
    note: 'A matching operation was found, but its time does not show whether it was recorded before ours was sent.',
  });
});
