import { Unanswered } from '#adapter-kit';
import type { SimulatedAnswer } from '#adapter-kit/testing';
import { Refusal } from '#canonical';
import type { PurchaseAsk } from '#canonical';
import { describe, expect, it } from 'vitest';
import { NONCE, NOW, sale, Till } from './till.testing.js';

const by = (type: 'code' | 'phone', value: string) => ({ identifier: { type, value } }) as const;
const oneTime = by('code', '111111');
const notFound = { status: 404, body: { errorCode: 'notFound', message: 'Not found' } };
const refusal = (errorCode: string) => ({ status: 400, body: { errorCode, message: 'No' } });

/** A till whose sale is booked, and then refused: a proxy repeated it, and passed on the second answer. */
const repeated = (answer: SimulatedAnswer, till = new Till()): Till => {
  till.wire = (first, { method, path }) => (method === 'POST' && path === '/operations' ? answer : first);
  return till;
};

/** A sale of somebody else, so many minutes after ours. */
function elsewhere(till: Till, minutes: number, ask: PurchaseAsk): void {
  Object.assign(till, { now: new Date(NOW.getTime() + minutes * 60_000), nonce: `another-${minutes}` });
  till.buys(ask);
  Object.assign(till, { now: NOW, nonce: NONCE });
  till.sent.length = 0;
}

describe('a sale that reached UDS twice, and is refused the second time', () => {
  it.each([
    notFound,
    refusal('insufficientFunds'),
    refusal('discountLimitExceed'),
    refusal('invalidChecksum'),
    refusal('badRequest'),
    refusal('tooManyOperations'),
  ])('is not told as refused, and found: %j', answer => {
    const till = repeated(answer);
    const ask = sale({ subject: oneTime, redeemPoints: '240' });
    expect(() => till.buys(ask)).toThrow(Unanswered);
    expect(till.effects).toEqual(['purchase']);
    expect(till.judges(ask, { denied: true, tries: 0 })).toMatchObject({
      verdict: 'executed',
      evidence: 'strong',
      result: { redeemedPoints: '240' },
    });
  });

  it('is not told as refused where points go by phone, whose maximum does not show the sale', () => {
    const till = repeated(refusal('insufficientFunds'), new Till({ usePointsByPhone: true }));
    const ask = sale({ subject: by('phone', '+79990000001'), redeemPoints: '240' });
    expect(() => till.buys(ask)).toThrow(Unanswered);
    expect(till.effects).toEqual(['purchase']);
  });

  it.each([
    ['the cash', { cash: 999 }],
    ['the time, by a clock that is behind', { dateCreated: '2026-01-15T11:55:00Z' }],
  ])('is known by our own reference, whatever %s', (_what, drift) => {
    const till = repeated(notFound);
    const { wire } = till;
    till.wire = (answer, request) => {
      const { rows, ...page } = answer.body as { rows?: object[] };
      const shown = { ...page, rows: rows?.map(row => ({ ...row, ...drift })) };
      return wire(rows ? { ...answer, body: shown } : answer, request);
    };
    expect(() => till.buys(sale({ subject: oneTime }))).toThrow(Unanswered);
  });

  it('is known by a number of the till as well', () => {
    const ask = sale({ subject: oneTime, number: '15', redeemPoints: '240' });
    expect(() => repeated(notFound).buys(ask)).toThrow(Unanswered);
  });

  it('is told as refused where no ledger may be read', () => {
    const till = repeated(notFound, new Till({}, { undocumentedCalls: false }));
    expect(() => till.buys(sale({ subject: oneTime }))).toThrow(Refusal);
    expect(till.sent).toEqual(['GET /settings', 'POST /operations']);
  });
});

describe('a sale that was answered 429, and is refused when it is sent again', () => {
  const again = (ask: PurchaseAsk, answer: SimulatedAnswer, drift = {}): (() => unknown) => {
    const till = new Till();
    till.buys(ask);
    Object.assign(till, { now: new Date(NOW.getTime() + 20_000), firstSentAt: NOW });
    till.wire = (first, { method, path }) => {
      if (path !== '/operations') return first;
      if (method === 'POST') return answer;
      const { rows, ...page } = first.body as { rows: object[] };
      return { ...first, body: { ...page, rows: rows.map(row => ({ ...row, ...drift })) } };
    };
    return () => till.buys(ask);
  };
  const usedNonce = { status: 400, body: { message: 'The nonce must be unique' } };

  it('is not told as refused under a number of the till, although it is booked since then', () => {
    expect(again(sale({ subject: oneTime, number: '15' }), notFound)).toThrow(Unanswered);
  });

  it('is not told as refused where the ledger shows no numbers', () => {
    const unnumbered = { receiptNumber: undefined };
    expect(again(sale(), usedNonce, unnumbered)).toThrow(Unanswered);
    expect(again(sale(), usedNonce, { ...unnumbered, total: 999 })).toThrow(Refusal);
  });

  it('is told as refused beside a sale of this total that was made by hand, without a number', () => {
    const till = new Till();
    elsewhere(till, -1, sale({ number: '14', merchantReference: 'numbered' }));
    elsewhere(till, 0.1, sale({ number: '15', merchantReference: 'by-hand' }));
    Object.assign(till, { now: new Date(NOW.getTime() + 20_000), firstSentAt: NOW });
    till.wire = (answer, { method, path }) => {
      if (method + path !== 'GET/operations') return answer;
      const { rows, ...page } = answer.body as { rows: { receiptNumber: string }[] };
      const shown = rows.map(row => (row.receiptNumber === '15' ? { ...row, receiptNumber: null } : row));
      return { ...answer, body: { ...page, rows: shown } };
    };
    expect(() => till.buys(sale({ subject: by('code', '999999') }))).toThrow(Refusal);
    expect(till.sent).toContain('GET /operations');
  });
});

describe('a sale that is refused', () => {
  const wrongCode = by('code', '999999');
  const refused = (till: Till, ask: PurchaseAsk) => {
    expect(() => till.buys(ask)).toThrow(Refusal);
    return till.sent;
  };

  it('is told so once one page of the ledger has shown that it is not booked', () => {
    expect(refused(new Till(), sale({ subject: wrongCode }))).toEqual([
      'GET /settings',
      'POST /operations',
      'GET /operations',
    ]);
  });

  it('for its points needs no ledger where the maximum is read with a code of the app, which a sale uses up', () => {
    expect(refused(new Till(), sale({ redeemPoints: '929' }))).toEqual([
      'GET /settings',
      'POST /operations',
      'GET /customers/find',
    ]);
  });

  it('for its points is told so as well where the maximum cannot be read', () => {
    const till = new Till();
    till.wire = (answer, { path }) =>
      path.endsWith('/find') ? { status: 503, body: 'Server Error' } : answer;
    expect(refused(till, sale({ redeemPoints: '929' }))).toContain('GET /operations');
  });

  // The next sale must not be allowed by what was cached before.
  it.each(['withdrawNotPermitted', 'purchaseByPhoneDisabled'])(
    'for what the settings allowed reads them anew: %s',
    errorCode => {
      const sent = refused(repeated(refusal(errorCode)), sale());
      expect(sent).toEqual(['GET /settings', 'POST /operations', 'GET /settings']);
    },
  );

  it('for its points needs the ledger after the price with a discount, which was read before', () => {
    const till = new Till({ policy: 'APPLY_DISCOUNT' });
    expect(refused(till, sale({ redeemPoints: '800' }))).toEqual([
      'GET /settings',
      'GET /customers/find',
      'POST /operations',
      'GET /operations',
    ]);
  });

  it.each([
    ['of another number', 0, { number: '16' }],
    ['of another total', 0, { total: { amount: '999.00', currency: 'RUB' } }],
    ['of other points', 0, { redeemPoints: '10' }],
    ['minutes before', -3, {}],
    ['half a minute before, refunded meanwhile or not', -0.5, {}],
  ])('is told so beside a sale under numbers of a till: %s', (_what, minutes, other) => {
    const till = new Till();
    elsewhere(till, minutes, sale({ number: '15', merchantReference: 'other', ...other }));
    expect(refused(till, sale({ subject: wrongCode, number: '15' }))).toContain('GET /operations');
  });

  it.each([
    { status: 503, body: 'Server Error' },
    { status: 403, body: { errorCode: 'forbidden', message: 'No' } },
    notFound,
    { status: 200, body: { operations: 'none' } },
  ])('is told so where the ledger cannot be read: %j', ledger => {
    const till = new Till();
    till.wire = (answer, { method, path }) => (method + path === 'GET/operations' ? ledger : answer);
    expect(refused(till, sale({ subject: wrongCode }))).toContain('GET /operations');
  });

  it.each([
    { status: 401, body: { errorCode: 'unauthorized' } },
    { status: 200, body: { errorCode: 'unauthorized' } },
    { status: 400, body: { errorCode: 'companyIsInactive' } },
    { status: 403, body: { errorCode: 'forbidden' } },
    { status: 404, body: { errorCode: 'cashierNotFound' } },
    refusal('purchaseByPhoneDisabled'),
    refusal('withdrawNotPermitted'),
    refusal('participantIsBlocked'),
  ])('is told so without a look where no sale is the reason: %j', answer => {
    expect(refused(repeated(answer), sale())).not.toContain('GET /operations');
  });
});

describe('a sale whose sum UDS refuses', () => {
  /** A company that gives discounts since the settings were read first, or that says so never. */
  const changing = (looks: number, find?: SimulatedAnswer): Till => {
    const till = new Till({ policy: 'APPLY_DISCOUNT' });
    let read = 0;
    till.wire = (answer, { path }) => {
      if (find && path.endsWith('/find')) return find;
      if (!path.endsWith('/settings') || ++read > looks) return answer;
      return { ...answer, body: { ...(answer.body as object), baseDiscountPolicy: 'CHARGE_SCORES' } };
    };
    return till;
  };
  const sent = (till: Till) => till.sent.map(call => call.split('/').at(-1));

  it('is sent once more with the sum of fresh settings', () => {
    const till = changing(1);
    expect(till.buys(sale())).toMatchObject({ payable: { amount: '900.00' } });
    expect(sent(till)).toEqual(['settings', 'operations', 'settings', 'find', 'operations']);
  });

  it.each([
    ['lead to the same sum', 9, undefined, ['settings', 'operations', 'settings', 'operations']],
    [
      'lead to no price',
      1,
      { status: 503, body: 'Server Error' },
      ['settings', 'operations', 'settings', 'find', 'operations'],
    ],
  ])('is told as refused if fresh settings %s', (_what, looks, find, calls) => {
    const till = changing(looks, find);
    expect(() => till.buys(sale())).toThrow(Refusal);
    // The last one reads the ledger.
    expect(sent(till)).toEqual(calls);
    expect(till.effects).toEqual([]);
  });
});

it('a sale with a discount is not sent for a code that UDS did not price', () => {
  const till = new Till({ policy: 'APPLY_DISCOUNT' });
  expect(() => till.buys(sale({ subject: by('code', '999999') }))).toThrow(Refusal);
  expect(till.sent).toEqual(['GET /settings', 'GET /customers/find']);
});

it('a sale is not sent where UDS tells neither its price nor the policy of the company', () => {
  const till = new Till();
  const untold = { baseDiscountPolicy: 'OTHER', purchase: { discountPercent: 10 } };
  till.wire = answer => ({ ...answer, body: { ...(answer.body as object), ...untold } });
  expect(() => till.buys(sale())).toThrow(Refusal);
  expect(till.sent).not.toContain('POST /operations');
});

it('a sale in another currency than the one of the company is not sent', () => {
  const till = new Till();
  expect(() => till.buys(sale({ total: { amount: '10.00', currency: 'EUR' } }))).toThrow(Refusal);
  expect(till.sent).toEqual(['GET /settings']);
});
