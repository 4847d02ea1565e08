import { interpret, readWire, Unanswered, Unreadable } from '#adapter-kit';
import { Refusal } from '#canonical';
import { describe, expect, it } from 'vitest';
import { refundOperation } from './create-refund.js';
import { getSettings } from './program.js';
import { mayBeBooked, udsErrors, udsRefusal } from './refusals.js';
import { rub, sale, Till } from './till.testing.js';
import { uds } from './uds.adapter.js';

const answer = (status: number, body: object) => readWire(status, {}, Buffer.from(JSON.stringify(body)));
const badRequest = (...errors: object[]) => ({
  errorCode: 'badRequest',
  message: 'Validation failed',
  errors,
});

/** A till whose sales are not booked, so that its ledger shows none. */
const unheard = (): Till => {
  const till = new Till();
  till.hears = request => (request.method === 'POST' ? { ...request, path: '/away' } : request);
  return till;
};

describe('what UDS refuses', () => {
  it('is not an executed operation, whatever code comes with it', () => {
    const booked = { id: 803998923, total: 1000, cash: 1000, points: 100, errorCode: 'insufficientFunds' };
    expect(udsRefusal(answer(200, booked))).toBeUndefined();
  });

  it.each([
    { errorCode: 'INSUFFICIENT_FUNDS' },
    { errorCode: 'InsufficientFunds', message: 'No' },
    { error: { errorCode: 'insufficientFunds', message: 'No' } },
    { data: { errorCode: 'insufficient_funds' } },
    [{ errorCode: 'insufficientFunds' }],
    { code: 'insufficientFunds', message: 'No' },
    { error: 'insufficientFunds' },
    { message: 'No', errors: [{ errorCode: 'insufficientFunds', message: 'No' }] },
  ])('is read from %j', body => {
    expect(udsRefusal(answer(400, body))?.code).toBe('insufficientFunds');
  });

  it('is told by an unknown code as well, which is not a customer that UDS does not know', () => {
    const errorCode = 'goodsOrder.notFound';
    expect(udsRefusal(answer(404, { errorCode }))?.code).toBe(errorCode);
  });

  it.each([
    ['a code of the app', { code: '123456', message: 'No' }],
    ['a word of another', { error: 'Teapot', code: 'E17' }],
  ])('is not %s', (_what, body) => {
    expect(udsRefusal(answer(400, body))).toBeUndefined();
  });

  it('is not read from the content of a success', () => {
    for (const body of [
      { code: 'insufficientFunds' },
      { data: { errorCode: 'insufficientFunds' } },
      { errorCode: 'pointsDeferred' },
    ])
      expect(udsRefusal(answer(200, body))).toBeUndefined();
    expect(udsRefusal(answer(200, { errorCode: 'INSUFFICIENT_FUNDS' }))?.code).toBe('insufficientFunds');
  });

  it('is the API key, for a 401 with any code', () => {
    const context = { settings: {}, now: new Date() };
    const meant = interpret(uds, getSettings, answer(401, { errorCode: 'tokenRevoked' }), {}, context);
    expect(meant).toMatchObject({ refusal: { code: 'connection-credentials-invalid' } });
  });

  // The customer has spent the earned points meanwhile, for example.
  it.each(Object.keys(udsErrors))('has no words about a sale in a refund: %s', errorCode => {
    const total = rub('100.00');
    const refund = { providerOperationId: '803998923', amount: total, total, full: true };
    const context = { settings: {}, now: new Date() };
    const meant = interpret(uds, refundOperation, answer(400, { errorCode }), refund, context);
    expect([
      'provider-rejected',
      'validation-failed',
      'connection-credentials-invalid',
      'connection-account-inactive',
    ]).toContain(meant.kind === 'refused' && meant.refusal.code);
    expect(meant).toMatchObject({ refusal: { members: { provider: { code: errorCode } } } });
  });

  // A load balancer that retries a POST meets the effect of the first request.
  it.each(['nonceAlreadyUsed', 'duplicateOperation', 'receipt.exists'])(
    'with %s may be this very sale, which is looked up',
    errorCode => {
      const till = unheard();
      till.wire = (answer, { method, path }) =>
        method === 'POST' && path === '/operations'
          ? { status: 400, body: { errorCode, message: '' } }
          : answer;
      expect(() => till.buys(sale())).toThrow(Unanswered);
    },
  );

  it.each([
    ['such a code in an envelope', { error: { errorCode: 'RECEIPT_EXISTS' } }],
    ['such a code among its errors', badRequest({ errorCode: 'receiptExists', field: 'receipt.number' })],
    ['its nonce among the errors', badRequest({ field: 'nonce', message: 'can only be used once' })],
  ])('with %s may be this very sale as well', (_what, body) => {
    const till = unheard();
    till.wire = (answer, { method, path }) =>
      method === 'POST' && path === '/operations' ? { status: 400, body } : answer;
    expect(() => till.buys(sale())).toThrow(Unanswered);
  });

  it('is told as refused if UDS misses a nonce that was not sent', () => {
    const till = new Till({}, { undocumentedCalls: false });
    const body = badRequest({ field: 'nonce', message: 'must not be null' });
    till.wire = (answer, { method }) => (method === 'POST' ? { status: 400, body } : answer);
    expect(() => till.buys(sale())).toThrow(Refusal);
  });

  it('is the form alone if nothing among its errors says that the sale may stand', () => {
    const body = badRequest({ errorCode: 'invalid', field: 'cashier.externalId', message: 'is too long' });
    expect(udsRefusal(answer(400, body))).toMatchObject({
      code: 'badRequest',
      fields: [{ pointer: '/cashier/externalId', detail: 'is too long' }],
    });
  });

  it('is refused where something does not exist', () => {
    expect(mayBeBooked({ name: 'uds', status: 400, code: 'tagDoesNotExist' })).toBe(false);
    expect(mayBeBooked({ name: 'uds', status: 400, code: 'priceListOnly' })).toBe(false);
  });
});

describe('an operation under an error status', () => {
  const operation = { id: 803998923, total: 100, cash: 100, points: 5 };

  it.each([operation, { errorCode: 'badRequest', ...operation }, { data: operation }])(
    'is not taken for a refusal: %j',
    body => {
      for (const status of [400, 404, 409])
        expect(() => udsRefusal(answer(status, body))).toThrow(Unreadable);
    },
  );

  it('is more than an id, and more than a total', () => {
    for (const body of [{ id: 7 }, { total: 100 }])
      expect(udsRefusal(answer(404, body))).toMatchObject({ code: 'notFound' });
  });
});
