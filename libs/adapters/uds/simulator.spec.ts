import { describe, expect, it } from 'vitest';
import type { SimulatedAnswer } from '#adapter-kit/testing';
import { udsSimulator } from './simulator.js';
import type { UdsSimulatorOptions } from './simulator/options.js';

const NOW = new Date('2026-01-15T12:00:00.000Z');
const authorization = `Basic ${Buffer.from('549755813888:demo-uds-key').toString('base64')}`;

/** A UDS company, and a client that calls it in plain HTTP. */
class Company {
  private readonly simulator;

  constructor(options: Partial<UdsSimulatorOptions> = {}) {
    this.simulator = udsSimulator.create(options);
  }

  get(address: string, now = NOW, headers: Record<string, string> = { authorization }): SimulatedAnswer {
    const [path = '', query] = address.split('?');
    return this.simulator.handle({
      method: 'GET',
      path,
      query: new URLSearchParams(query),
      headers,
      body: '',
      now,
    });
  }

  post(path: string, body: unknown, now = NOW): SimulatedAnswer {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.simulator.handle({
      method: 'POST',
      path,
      query: new URLSearchParams(),
      headers: { authorization },
      body: text,
      now,
    });
  }

  buy(receipt: object, who: object = { code: '123456' }, more: object = {}): SimulatedAnswer {
    return this.post('/operations', { ...who, ...more, receipt: { points: 0, ...receipt } });
  }

  points(order: number): string {
    return (this.simulator.state() as { customers: { points: string }[] }).customers[order]!.points;
  }
}

const bodyOf = (answer: SimulatedAnswer) => answer.body as Record<string, any>;
const withCode = (errorCode: string) => ({ body: { errorCode } });

describe('finding', () => {
  it('reads codes as text: a leading zero belongs to the code', () => {
    const company = new Company();
    expect(bodyOf(company.get('/customers/find?code=000123')).user.displayName).toBe('Борис Ильин');
    expect(company.get('/customers/find?code=123')).toMatchObject({ status: 404, ...withCode('notFound') });
  });

  it('allows more points for a larger bill', () => {
    const max = (total: number) =>
      bodyOf(new Company().get(`/customers/find?code=123456&total=${total}`)).purchase.maxPoints;
    expect([max(100), max(1000), max(5000)]).toEqual([70, 700, 928.5]);
  });

  it('refuses two identifiers, the text "null", and a plus that became a space', () => {
    const company = new Company();
    for (const query of ['code=123456&uid=1', 'phone=null', 'phone=+79990000001', ''])
      expect(company.get(`/customers/find?${query}`)).toMatchObject({
        status: 400,
        ...withCode('badRequest'),
      });
    expect(company.get('/customers/find?phone=%2B79990000001').status).toBe(200);
  });

  it('exchanges an app code for a long one, which is valid for a day', () => {
    const company = new Company();
    const { code } = bodyOf(company.get('/customers/find?code=123456&exchangeCode=true'));
    const later = (hours: number) => new Date(NOW.getTime() + hours * 3_600_000);
    expect(company.get(`/customers/find?code=${code}`, later(23)).status).toBe(200);
    expect(company.get(`/customers/find?code=${code}`, later(25)).status).toBe(404);
  });
});

describe('buying', () => {
  it('accepts sums as text, as in the old documentation', () => {
    const answer = new Company().buy({ total: '11', cash: '11', points: '00', number: '123' });
    expect(answer).toMatchObject({ status: 200, body: { total: 11, points: 1.1, receiptNumber: '123' } });
    expect(answer.effect).toMatchObject({ type: 'purchase', key: '123' });
  });

  it('checks cash = total − points − (total − skipLoyaltyTotal) · discount', () => {
    const company = new Company({ policy: 'APPLY_DISCOUNT' });
    expect(company.buy({ total: 100, points: 40, cash: 50 }).status).toBe(200);
    expect(company.buy({ total: 100, points: 40, cash: 54, skipLoyaltyTotal: 40 }).status).toBe(200);
    expect(company.buy({ total: 100, points: 40, cash: 60 })).toMatchObject({
      status: 400,
      ...withCode('invalidChecksum'),
    });
  });

  it('subtracts redeemed points, and earns points on the cash', () => {
    const company = new Company();
    expect(company.buy({ total: 1000, points: 240, cash: 760 })).toMatchObject({ body: { points: -164 } });
    expect(company.points(0)).toBe('764.50');
    const deferred = new Company({ deferPointsForDays: 14 });
    deferred.buy({ total: 1000, cash: 1000 });
    expect(deferred.points(0)).toBe('928.50');
  });

  it('invalidates an app code with its first purchase, and not before', () => {
    const company = new Company();
    expect(company.buy({ total: 10, cash: 9 }, { code: '111111' })).toMatchObject(
      withCode('invalidChecksum'),
    );
    expect(company.buy({ total: 10, cash: 10 }, { code: '111111' }).status).toBe(200);
    expect(company.buy({ total: 10, cash: 10 }, { code: '111111' })).toMatchObject({ status: 404 });
  });

  it.each([
    ['insufficientFunds', { total: 10_000, points: 929, cash: 9_071 }, { code: '123456' }],
    ['discountLimitExceed', { total: 1000, points: 701, cash: 299 }, { code: '123456' }],
    [
      'discountLimitExceed',
      { total: 1000, points: 500, cash: 500, unredeemableTotal: 600 },
      { code: '123456' },
    ],
    [
      'withdrawNotPermitted',
      { total: 10, points: 1, cash: 9 },
      { participant: { uid: '4c7e1f1e-0f6d-4f0e-9b57-2a5f3f0c1a01' } },
    ],
    ['withdrawNotPermitted', { total: 10, points: 1, cash: 9 }, { participant: { phone: '+79990000001' } }],
    [
      'withdrawNotPermitted',
      { total: 10, points: 1, cash: 9 },
      { code: '123456', participant: { phone: '+79990000001' } },
    ],
    ['badRequest', { total: 10, cash: 10 }, { code: '123456', participant: { phone: '+79990000001' } }],
    ['badRequest', { total: 10, cash: 10, points: 0.001 }, { code: '123456' }],
    ['participantIsBlocked', { total: 10, cash: 10 }, { code: '555555' }],
    ['notFound', { total: 10, cash: 10 }, { code: '999999' }],
  ])('refuses with %s: %o', (code, receipt, who) => {
    const answer = new Company().buy(receipt, who);
    expect(answer).toMatchObject(withCode(code));
    expect(answer.effect).toBeUndefined();
  });

  it.each([
    ['purchaseByPhoneDisabled', { purchaseByPhone: false }, { participant: { phone: '+79990000001' } }],
    ['companyIsInactive', { companyIsInactive: true }, { code: '123456' }],
    ['cashierNotFound', { cashiers: ['till-1'] }, { code: '123456', cashier: { externalId: 'till-2' } }],
  ])('refuses with %s where the company is set up so', (code, options, who) => {
    expect(new Company(options).buy({ total: 10, cash: 10 }, who)).toMatchObject(withCode(code));
  });

  it('creates a customer for an unknown phone', () => {
    const company = new Company();
    const who = { participant: { phone: '+79995550000' } };
    expect(company.buy({ total: 10, cash: 10 }, who)).toMatchObject({ body: { customer: { uid: null } } });
    expect(company.get('/customers/find?phone=%2B79995550000').status).toBe(200);
  });

  it.each([
    ['same-operation', 200, undefined],
    ['not-found', 404, 'notFound'],
    ['conflict', 409, 'conflict'],
    ['bad-request', 400, 'badRequest'],
  ] as const)('books a nonce once; the next time it is answered %s', (repeatedNonce, status, code) => {
    const company = new Company({ repeatedNonce });
    const again = () => company.buy({ total: 10, cash: 10 }, { code: '111111' }, { nonce: 'n-1' });
    const first = again();
    const second = again();
    expect(second.status).toBe(status);
    expect(second.effect).toBeUndefined();
    if (code) expect(second).toMatchObject(withCode(code));
    else expect(second.body).toEqual(first.body);
  });

  it('refuses a repeated receipt number if configured', () => {
    const company = new Company({ receiptExists: true });
    company.buy({ total: 10, cash: 10, number: 'R-1' });
    expect(company.buy({ total: 10, cash: 10, number: 'R-1' })).toMatchObject({
      status: 409,
      ...withCode('receiptExists'),
    });
  });

  it('prices with as many points as allowed if calc gets none, and books nothing', () => {
    const company = new Company();
    const calc = (receipt: object) =>
      bodyOf(company.post('/operations/calc', { code: '123456', receipt })).purchase;
    expect(calc({ total: 1000 })).toMatchObject({ points: 700, cash: 300 });
    expect(calc({ total: 1000, points: 0 })).toMatchObject({ points: 0, cash: 1000, cashBack: 100 });
    expect(bodyOf(company.get('/operations')).rows).toEqual([]);
  });
});

describe('refunding', () => {
  it('splits every part into money and points, and corrects roundings in the last', () => {
    const company = new Company();
    const { id } = bodyOf(company.buy({ total: 100, points: 33.33, cash: 66.67, number: 'R-1' }));
    const parts = [33.33, 33.33, null].map(partialAmount =>
      bodyOf(company.post(`/operations/${id}/refund`, { partialAmount })),
    );
    expect(parts[0]).toMatchObject({
      state: 'REVERSAL',
      total: -33.33,
      cash: -22.22,
      origin: { id },
      receiptNumber: null,
      customer: { membershipTier: null },
    });
    expect(parts.reduce((sum, { cash }) => sum + cash, 0)).toBeCloseTo(-66.67, 9);
    expect(company.points(0)).toBe('928.50');
    expect(bodyOf(company.get(`/operations/${id}`)).state).toBe('CANCELED');
  });

  it('refuses more than the rest, and what is not a purchase', () => {
    const company = new Company();
    const { id } = bodyOf(company.buy({ total: 100, cash: 100 }));
    const part = bodyOf(company.post(`/operations/${id}/refund`, { partialAmount: 60 }));
    for (const [path, amount] of [
      [id, 41],
      [id, 0],
      [part.id, 1],
    ])
      expect(company.post(`/operations/${path}/refund`, { partialAmount: amount })).toMatchObject({
        status: 400,
        ...withCode('badRequest'),
      });
    expect(company.post('/operations/1/refund', {})).toMatchObject({ status: 404 });
  });
});

describe('listing and errors', () => {
  it('lists operations by a cursor that new ones do not shift', () => {
    const company = new Company();
    for (let order = 1; order <= 5; order += 1) company.buy({ total: order, cash: order });
    const first = bodyOf(company.get('/operations?max=2'));
    company.buy({ total: 9, cash: 9 });
    const second = bodyOf(company.get(`/operations?max=2&cursor=${first.cursor}`));
    const third = bodyOf(company.get(`/operations?max=2&cursor=${second.cursor}`));
    expect(
      [first, second, third].flatMap(page => page.rows.map((row: { total: number }) => row.total)),
    ).toEqual([5, 4, 3, 2, 1]);
    expect([third.cursor, third.total]).toEqual([null, 0]);
  });

  it.each(['/operations?max=51', '/customers?max=51', '/customers?offset=10001', '/operations?cursor=other'])(
    'refuses a value over its limit: %s',
    address => {
      expect(new Company().get(address)).toMatchObject({ status: 400, ...withCode('badRequest') });
    },
  );

  it('answers a wrong path with the code of an unknown customer and another text', () => {
    expect(new Company().get('/v1/partner/company')).toMatchObject({
      status: 404,
      body: { errorCode: 'notFound', message: expect.stringContaining('No handler') },
    });
  });

  it('requires credentials, and echoes the request id', () => {
    const company = new Company();
    expect(company.get('/settings', NOW, {})).toMatchObject({ status: 401, ...withCode('unauthorized') });
    const answer = company.get('/settings', NOW, { authorization, 'x-origin-request-id': 'abc' });
    expect(answer.headers).toMatchObject({ 'X-Origin-Request-Id': 'abc', 'X-Timestamp': NOW.toISOString() });
  });

  it('answers broken JSON with a bad request', () => {
    expect(new Company().post('/operations', '{"receipt":')).toMatchObject({
      status: 400,
      ...withCode('badRequest'),
    });
  });
});
