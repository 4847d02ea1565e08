import { retryClassOf, Unanswered } from '#adapter-kit';
import { contractSuite } from '#adapter-kit/testing';
import type { QuoteAsk } from '#canonical';
import { Refusal } from '#canonical';
import { describe, expect, it } from 'vitest';
import { createOperation } from './create-purchase.js';
import { readParticipant } from './find-customer.js';
import { getOperation, listOperations } from './ledger.js';
import { calculate } from './price.js';
import { udsSimulator } from './simulator.js';
import { NONCE, rub, sale, Till } from './till.testing.js';
import { uds } from './uds.adapter.js';

contractSuite({
  adapter: uds,
  fixtures: new URL('./fixtures/', import.meta.url),
  simulator: udsSimulator,
  exchanges: [calculate, readParticipant, listOperations, getOperation],
});

const ANNA = '4c7e1f1e-0f6d-4f0e-9b57-2a5f3f0c1a01';
const phone = (value: string) => ({ identifier: { type: 'phone', value } as const });
const uid = { identifier: { type: 'uid', value: ANNA } as const };

/** The refusal of a plan, for comparison. */
function refusalOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal)
      return { code: error.code, pointer: error.members.errors?.[0]?.pointer, ...error.members };
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('requests', () => {
  it('authenticate with company id and key, as in the old documentation', () => {
    const proof = uds.authenticate(
      { companyId: 'company_id', apiKey: 'api_key' },
      {},
      { method: 'GET', path: '/' },
    );
    expect(proof.headers).toEqual({ Authorization: 'Basic Y29tcGFueV9pZDphcGlfa2V5' });
  });

  it('have a unique request id each, also repeats with the same nonce', () => {
    const till = new Till();
    till.buys(sale());
    till.now = new Date(till.now.getTime() + 2_000);
    till.buys(sale());
    expect(new Set(till.requestIds).size).toBe(till.requestIds.length);
    for (const id of till.requestIds)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('are keyed only if the nonce may be sent', () => {
    expect(retryClassOf(createOperation, {})).toBe('keyed');
    expect(retryClassOf(createOperation, { undocumentedCalls: false })).toBe('reconcilable');
  });
});

describe('customers', () => {
  it('looks up by code, and says that points can be redeemed with it', () => {
    const customer = new Till().does('lookupCustomer', {
      identifier: { type: 'code', value: '123456' },
      receipt: { total: rub('1000.00') },
      holds: [],
    });
    expect(customer).toMatchObject({ balancePoints: '928.5', maxRedeemPoints: '700', member: true });
    expect(customer.identity).toEqual({ expiresInSeconds: 2700, canRedeem: true });
    expect(customer.tier).toMatchObject({ kind: 'cashback', rate: '10', maxRedeemPercent: '70' });
  });

  it.each([true, false])('redeems by phone if the company allows it: %s', usePointsByPhone => {
    const till = new Till({ usePointsByPhone });
    const customer = till.does('lookupCustomer', { ...phone('+79990000001'), holds: [] });
    expect(customer.identity?.canRedeem).toBe(usePointsByPhone);
  });

  it('refuses a card without a request', () => {
    const till = new Till();
    const refusal = refusalOf(() =>
      till.does('lookupCustomer', { identifier: { type: 'card', value: '1' }, holds: [] }),
    );
    expect(refusal).toMatchObject({
      code: 'capability-not-supported',
      detail: expect.stringContaining('cards'),
    });
    expect(till.sent).toEqual([]);
  });

  it('reads a known customer by uid, and one without a uid by participant id', () => {
    const till = new Till();
    expect(till.does('getCustomer', { refs: { uid: ANNA } })).toMatchObject({ displayName: 'Анна Смирнова' });
    expect(till.does('getCustomer', { refs: { participantId: '1099576113742' } })).toMatchObject({
      phone: '+79990000004',
    });
    expect(till.sent).toEqual([
      'GET /settings',
      'GET /customers/find',
      'GET /settings',
      'GET /customers/1099576113742',
    ]);
  });

  it('cannot read one without a uid if that call may not be used', () => {
    const till = new Till({}, { undocumentedCalls: false });
    const refusal = refusalOf(() => till.does('getCustomer', { refs: { participantId: '1099576113742' } }));
    expect(refusal.code).toBe('capability-not-supported');
    expect(till.sent).toEqual([]);
  });

  it.each([false, true])('lists everybody page by page, with a cursor of UDS: %s', customersCursor => {
    const till = new Till({ customersCursor });
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = till.does('listCustomers', { limit: 2, cursor });
      seen.push(...page.data.map(({ displayName }) => displayName));
      cursor = page.next ?? undefined;
    } while (cursor);
    expect(seen).toHaveLength(6);
    expect(new Set(seen).size).toBe(6);
  });

  it('lists customers who joined in a period, and those without a date', () => {
    const till = new Till();
    const joined = ['2021-03-04T05:06:07Z', '2021-03-05T00:00:00Z', null, '2021-03-06T00:00:00.001Z'];
    till.wire = answer => {
      const { rows } = answer.body as { rows?: { participant: object }[] };
      if (!rows) return answer;
      const dated = joined.map((dateCreated, index) => ({
        ...rows[index],
        participant: { ...rows[index]!.participant, dateCreated },
      }));
      return { ...answer, body: { rows: dated } };
    };
    const days = { from: new Date('2021-03-05T00:00:00Z'), to: new Date('2021-03-06T00:00:00Z') };
    const { data } = till.does('listCustomers', { limit: 50, ...days });
    expect(data.map(({ joinedAt }) => joinedAt)).toEqual(['2021-03-05T00:00:00.000Z', null]);
    expect(till.does('listCustomers', { limit: 50 }).data).toHaveLength(4);
  });

  it('fails rather than ending a list that is longer than UDS can page through', () => {
    expect(refusalOf(() => new Till().does('listCustomers', { limit: 50, cursor: 'o10050' })).code).toBe(
      'capability-not-supported',
    );
  });
});

describe('a customer with the id 0 of an example', () => {
  const nobody = { id: 0 };
  const tillWithout = () => {
    const till = new Till();
    till.wire = answer => {
      const body = answer.body as { user?: { participant: object }; customer?: object };
      const user = body.user && { ...body.user, participant: { ...body.user.participant, ...nobody } };
      const customer = { ...body.customer, ...nobody };
      return { ...answer, body: { ...body, ...(user ? { user } : { customer }) } };
    };
    return till;
  };

  // As a reference, it would make one customer of all of them.
  it('is known by the uid alone', () => {
    const till = tillWithout();
    expect(till.does('lookupCustomer', { ...uid, holds: [] }).providerRefs).toEqual({ uid: ANNA });
    expect(till.buys(sale()).customer).toEqual({ refs: { uid: ANNA } });
  });

  it('is not known by anything without a uid', () => {
    const till = tillWithout();
    const stranger = phone('+79990000004');
    expect(till.does('lookupCustomer', { ...stranger, holds: [] })).toMatchObject({
      providerRefs: {},
      member: true,
    });
    expect(till.buys(sale({ subject: stranger })).customer).toBeUndefined();
  });
});

describe('quotes', () => {
  const quote = (till: Till, more: object = {}, subject: QuoteAsk['subject'] = sale().subject) =>
    till.does('createQuote', { subject, receipt: { total: rub('1000.00'), ...more }, holds: [] });

  it('prices with points: the figures of UDS, less the requested points', () => {
    expect(quote(new Till(), { redeemPoints: '240' })).toMatchObject({
      maxRedeemPoints: '700',
      earnPoints: '100',
      discount: rub('0.00'),
      payable: rub('760.00'),
      payableIfMaxRedeemed: rub('300.00'),
      rate: '10',
      tierKind: 'cashback',
      basis: 'provider',
      warnings: [],
    });
  });

  it('prices with a discount on all but the excluded part', () => {
    const till = new Till({ policy: 'APPLY_DISCOUNT' });
    expect(quote(till, { excludedTotal: rub('100.00') })).toMatchObject({
      maxRedeemPoints: '700',
      earnPoints: '0',
      discount: rub('90.00'),
      payable: rub('910.00'),
      payableIfMaxRedeemed: rub('210.00'),
      tierKind: 'discount',
    });
  });

  it('reads the policy in any spelling', () => {
    const till = new Till({ policy: 'APPLY_DISCOUNT' });
    till.wire = answer => {
      const { baseDiscountPolicy } = answer.body as { baseDiscountPolicy?: string };
      return baseDiscountPolicy
        ? { ...answer, body: { ...(answer.body as object), baseDiscountPolicy: 'apply_discount' } }
        : answer;
    };
    expect(quote(till, {})).toMatchObject({ tierKind: 'discount', discount: rub('100.00') });
  });

  it('lets no points pay the unredeemable part, whether it is sent to UDS or not', () => {
    for (const settings of [{}, { undocumentedCalls: false }])
      expect(quote(new Till({}, settings), { unredeemableTotal: rub('600.50') }).maxRedeemPoints).toBe(
        '399.5',
      );
  });

  it('computes what is earned where UDS has already applied points, and says so', () => {
    const till = new Till();
    till.wire = answer => {
      const body = answer.body as { purchase?: object };
      const applied = { maxPoints: 700, points: 700, cash: 300, cashBack: 30 };
      return body.purchase ? { ...answer, body: { ...body, purchase: applied } } : answer;
    };
    expect(quote(till)).toMatchObject({ earnPoints: '100', payable: rub('1000.00'), basis: 'computed' });
  });

  it('computes figures that UDS does not send, and says so', () => {
    const till = new Till();
    till.wire = answer => {
      const { purchase } = answer.body as { purchase?: Record<string, unknown> };
      return purchase
        ? { ...answer, body: { ...(answer.body as object), purchase: { maxPoints: 700 } } }
        : answer;
    };
    expect(quote(till, { excludedTotal: rub('99.99') })).toMatchObject({
      earnPoints: '90',
      payable: rub('1000.00'),
      basis: 'computed',
    });
  });

  it('uses calc for an unregistered phone', () => {
    const till = new Till();
    expect(quote(till, {}, phone('+79995550000'))).toMatchObject({
      earnPoints: '50',
      rate: '5',
      maxRedeemPoints: '0',
    });
    expect(till.sent.at(-1)).toBe('POST /operations/calc');
  });

  it('refuses an unregistered phone if calc may not be used', () => {
    const till = new Till({}, { undocumentedCalls: false });
    expect(refusalOf(() => quote(till, {}, phone('+79995550000'))).code).toBe('customer-not-found');
  });

  it('returns the maximum if more points are requested', () => {
    expect(refusalOf(() => quote(new Till(), { redeemPoints: '800' }))).toMatchObject({
      code: 'redeem-limit-exceeded',
      maxRedeemPoints: '700',
    });
    expect(refusalOf(() => quote(new Till(), { redeemPoints: '929' }))).toMatchObject({
      code: 'insufficient-points',
    });
  });

  it('warns if the till expects another sum', () => {
    const expecting = (amount: string) =>
      quote(new Till(), { redeemPoints: '240', expectedPayable: rub(amount) }).warnings;
    expect(expecting('760.00')).toEqual([]);
    expect(expecting('1000.00')).toMatchObject([
      { code: 'amount-mismatch', pointer: '/receipt/expectedPayable' },
    ]);
  });

  it('prices for a known customer, and warns that points will need the code', () => {
    expect(quote(new Till(), { redeemPoints: '10' }, { refs: { uid: ANNA } }).warnings).toMatchObject([
      { code: 'redeem-requires-code' },
    ]);
  });

  it('reads RUR as RUB', () => {
    const till = new Till();
    till.wire = answer => ({
      ...answer,
      body: JSON.parse(JSON.stringify(answer.body).replace('"RUB"', '"RUR"')),
    });
    expect(till.does('getProgram', {})).toMatchObject({ currency: 'RUB' });
  });

  it('refuses another currency than the company’s', () => {
    const refusal = refusalOf(() =>
      new Till().does('lookupCustomer', {
        identifier: { type: 'code', value: '123456' },
        receipt: { total: { amount: '5.00', currency: 'EUR' } },
        holds: [],
      }),
    );
    expect(refusal).toMatchObject({ code: 'validation-failed', pointer: '/receipt/total/currency' });
  });
});

describe('purchases', () => {
  it('earns by code, redeems and earns by code', () => {
    const till = new Till();
    expect(till.buys(sale())).toMatchObject({
      payable: rub('1000.00'),
      redeemedPoints: '0',
      earnedPoints: '100',
      warnings: [],
    });
    const redeemed = till.buys(
      sale({
        subject: { identifier: { type: 'code', value: '111111' }, refs: { uid: ANNA } },
        redeemPoints: '240.009',
      }),
    );
    expect(redeemed.providerOperationId).toBe('803998923');
    expect(till.sent).toEqual(['GET /settings', 'POST /operations', 'GET /settings', 'POST /operations']);
  });

  it.each([
    ['an old one under a number that the till uses again', '15', '2026-01-14T09:00:00Z', '15'],
    ['a new one under a number of the till', '15', '2026-01-15T12:00:00Z', undefined],
    ['under our own reference', undefined, '2026-01-14T09:00:00Z', undefined],
  ])('may be answered with another sale: %s', (_what, number, dateCreated, otherReceipt) => {
    const till = new Till();
    till.wire = (answer, { method }) =>
      method === 'POST' ? { ...answer, body: { ...(answer.body as object), dateCreated } } : answer;
    expect(till.buys(sale({ number })).otherReceipt).toBe(otherReceipt);
  });

  it('redeems the requested points, rounded down', () => {
    const bought = new Till().buys(sale({ redeemPoints: '240.009' }));
    expect(bought).toMatchObject({
      payable: rub('760.00'),
      redeemedPoints: '240',
      earnedPoints: '76',
      discount: rub('0.00'),
    });
  });

  it('requires a code for points before anything is sent', () => {
    for (const subject of [uid, { refs: { uid: ANNA } }]) {
      const till = new Till();
      expect(refusalOf(() => till.buys(sale({ subject, redeemPoints: '1' })))).toMatchObject({
        code: 'redeem-requires-code',
        pointer: '/receipt/redeemPoints',
      });
      expect(till.sent).toEqual([]);
    }
  });

  it('lets an unknown phone buy, and returns the new customer', () => {
    const bought = new Till().buys(sale({ subject: phone('+79995550000') }));
    expect(bought.customer).toEqual({ refs: { participantId: '1099576114739' } });
  });

  it('reports that purchases by phone are disabled', () => {
    expect(
      refusalOf(() => new Till({ purchaseByPhone: false }).buys(sale({ subject: phone('+79990000001') })))
        .code,
    ).toBe('purchase-by-phone-disabled');
  });

  it('cannot buy for a customer who has only a participant id', () => {
    const till = new Till();
    expect(
      refusalOf(() => till.buys(sale({ subject: { refs: { participantId: '1099576113742' } } }))),
    ).toMatchObject({ code: 'validation-failed', pointer: '/customerId' });
    expect(till.sent).toEqual([]);
  });

  it('computes the cash with a discount from the customer’s own price', () => {
    const till = new Till({ policy: 'APPLY_DISCOUNT' });
    const bought = till.buys(
      sale({ total: rub('999.99'), excludedTotal: rub('100.01'), redeemPoints: '40' }),
    );
    expect(bought).toMatchObject({
      payable: rub('869.99'),
      redeemedPoints: '40',
      discount: rub('90.00'),
      rate: '10',
      earnedPoints: '0',
    });
    expect(till.sent).toEqual(['GET /settings', 'GET /customers/find', 'POST /operations']);
  });

  it.each([{}, { undocumentedCalls: false }])(
    'gives an unknown phone the discount of the base tier, %o',
    settings => {
      const till = new Till({ policy: 'APPLY_DISCOUNT' }, settings);
      expect(till.buys(sale({ subject: phone('+79995550000') }))).toMatchObject({
        payable: rub('950.00'),
        discount: rub('50.00'),
      });
    },
  );

  it.each([
    { status: 404, body: '404 page not found' },
    { status: 404, body: '<!DOCTYPE html><html></html>' },
    { status: 405, body: { message: 'Method Not Allowed' } },
  ])('gives it also where UDS has no calc, %j', noSuchCall => {
    const till = new Till({ policy: 'APPLY_DISCOUNT' });
    till.wire = (answer, { path }) => (path === '/operations/calc' ? noSuchCall : answer);
    expect(till.buys(sale({ subject: phone('+79995550000') })).discount).toEqual(rub('50.00'));
  });

  it('refuses a purchase with another expected sum before it is sent', () => {
    const till = new Till();
    const refusal = refusalOf(() => till.buys(sale({ redeemPoints: '240', expectedPayable: rub('750.00') })));
    expect(refusal).toMatchObject({ code: 'amount-mismatch', pointer: '/receipt/expectedPayable' });
    expect(till.effects).toEqual([]);
    expect(till.buys(sale({ redeemPoints: '240', expectedPayable: rub('760.00') })).payable).toEqual(
      rub('760.00'),
    );
  });

  it('returns the maximum if UDS refuses without a number', () => {
    const till = new Till();
    expect(refusalOf(() => till.buys(sale({ redeemPoints: '800' })))).toMatchObject({
      code: 'redeem-limit-exceeded',
      maxRedeemPoints: '700',
    });
    expect(refusalOf(() => till.buys(sale({ redeemPoints: '929' })))).toMatchObject({
      code: 'insufficient-points',
      maxRedeemPoints: '700',
    });
    expect(refusalOf(() => till.buys(sale({ redeemPoints: '1000.01' })))).toMatchObject({
      code: 'redeem-limit-exceeded',
      maxRedeemPoints: '700',
    });
  });

  it.each([{}, { undocumentedCalls: false }])(
    'returns a maximum that leaves the unredeemable part alone, as the quote does (%o)',
    settings => {
      const parts = { unredeemableTotal: rub('600.00') };
      const refused = refusalOf(() => new Till({}, settings).buys(sale({ redeemPoints: '500', ...parts })));
      expect(refused).toMatchObject({ code: 'redeem-limit-exceeded', maxRedeemPoints: '400' });
    },
  );

  it('does not trust "receipt exists" before a look-up', () => {
    const till = new Till({ receiptExists: true });
    till.buys(sale());
    till.nonce = 'another';
    expect(() => till.buys(sale())).toThrow(Unanswered);
  });

  it('sends no nonce if only documented calls may be used', () => {
    const till = new Till({}, { undocumentedCalls: false });
    const bodies: string[] = [];
    till.wire = (answer, { body }) => (bodies.push(body), answer);
    till.buys(sale());
    expect(bodies.join()).not.toContain(NONCE);
  });
});
