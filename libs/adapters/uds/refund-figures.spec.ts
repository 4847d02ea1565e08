import { Unreadable } from '#adapter-kit';
import type { RefundAsk } from '#canonical';
import { describe, expect, it } from 'vitest';
import { rub, sale, Till } from './till.testing.js';

/** A till whose refund is answered with other figures than the booked ones. */
function refunding(figures: object, settings = {}): { till: Till; ask: RefundAsk } {
  const till = new Till({}, settings);
  const total = rub('1000.00');
  const sold = till.buys(sale({ redeemPoints: '240' }));
  till.sent.length = 0;
  till.wire = (answer, { path }) =>
    path.endsWith('/refund') ? { ...answer, body: { ...(answer.body as object), ...figures } } : answer;
  const purchasePoints = { redeemed: sold.redeemedPoints, earned: sold.earnedPoints, discounted: false };
  const providerOperationId = sold.providerOperationId!;
  return { till, ask: { providerOperationId, amount: total, total, full: true, purchasePoints } };
}

const told = {
  returnedMoney: rub('760.00'),
  returnedPoints: '240',
  reversedEarnedPoints: '76',
  providerOperationId: '803998924',
};
const REFUND = 'POST /operations/803998923/refund';
const READ = 'GET /operations/803998924';

describe('a refund that is answered', () => {
  it.each([
    ['without points', { points: null }],
    ['without money', { cash: null }],
    ['with its number alone', { points: null, cash: null, total: null }],
  ])('%s is completed from the ledger', (_how, figures) => {
    const { till, ask } = refunding(figures);
    expect(till.does('createRefund', ask)).toMatchObject(told);
    expect(till.sent).toEqual([REFUND, READ]);
  });

  it('with all figures needs no look at the ledger', () => {
    const { till, ask } = refunding({});
    expect(till.does('createRefund', ask)).toMatchObject(told);
    expect(till.sent).toEqual([REFUND]);
  });

  it.each([
    ['cannot be read', {}, { status: 503, body: 'Server Error' }],
    ['does not know it', {}, { status: 404, body: { errorCode: 'notFound', message: 'Not found' } }],
    ['has no figures either', {}, { status: 200, body: { id: 803998924, state: 'REVERSAL' } }],
    ['may not be read', { undocumentedCalls: false }, undefined],
  ])('without points is told all the same where the ledger %s', (_what, settings, read) => {
    const { till, ask } = refunding({ points: null }, settings);
    const { wire } = till;
    till.wire = (answer, request) => (request.method === 'GET' && read ? read : wire(answer, request));
    const refund = till.does('createRefund', ask);
    expect(refund).toMatchObject({ returnedMoney: rub('760.00'), providerOperationId: '803998924' });
    expect(refund).not.toHaveProperty('returnedPoints');
    expect(till.sent).toEqual(read ? [REFUND, READ] : [REFUND]);
  });

  it('with its number alone is not told as the requested one where the ledger shows another sum', () => {
    const { till, ask } = refunding({ points: null, cash: null, total: null });
    const { wire } = till;
    till.wire = (answer, request) =>
      request.method === 'GET'
        ? { ...answer, body: { ...(answer.body as object), total: -100 } }
        : wire(answer, request);
    expect(() => till.does('createRefund', ask)).toThrow(Unreadable);
  });
});

describe('a reversal whose figures contradict the refund', () => {
  const warned = (figures: object, purchase: RefundAsk['purchasePoints'] | null = null, settings = {}) => {
    const { till, ask } = refunding(figures, settings);
    const { warnings = [] } = till.does('createRefund', {
      ...ask,
      ...(purchase && { purchasePoints: purchase }),
    });
    return warnings.map(({ code, detail }) => `${code}: ${/`(\w+)`/.exec(detail)?.[1]}`);
  };

  // Sold for 760 and 240 points, with 76 earned.
  it.each([
    [{}, []],
    [{ cash: -760.01 }, []],
    [{ cash: -1000 }, ['cash']],
    [{ cash: -1000, points: 300 }, ['cash', 'points']],
    [{ cash: -1200, points: -76 }, ['cash']],
    [{ cash: -700 }, ['cash']],
    [{ points: 240 }, []],
    [{ points: 241 }, ['points']],
    [{ points: -76 }, []],
    [{ points: -77 }, ['points']],
    [{ points: -164, cash: 760, total: 1000, state: null }, []],
  ])('is told with a warning: %j', (figures, names) => {
    expect(warned(figures)).toEqual(names.map(name => `provider-figures-differ: ${name}`));
  });

  it.each([
    ['deferred points are withdrawn', { points: -500 }, { redeemed: '240', earned: '0', discounted: false }],
    ['it is not known what was earned', { points: -500 }, { redeemed: '240', discounted: false }],
    ['a discount is part of the rest', { cash: -700 }, { redeemed: '240', earned: '76', discounted: true }],
  ])('is told without one where %s', (_why, figures, purchase) => {
    expect(warned(figures, purchase)).toEqual([]);
  });

  it('is told with one where only the ledger tells its figures', () => {
    const { till, ask } = refunding({ points: null });
    const { wire } = till;
    till.wire = (answer, request) =>
      request.method === 'GET'
        ? { ...answer, body: { ...(answer.body as object), cash: -1000 } }
        : wire(answer, request);
    expect(till.does('createRefund', ask).warnings).toMatchObject([{ pointer: '/amount' }]);
  });
});
