import type { SimulatedAnswer, SimulatedRequest } from '#adapter-kit/testing';
import { Unanswered } from '#adapter-kit';
import type { PurchaseAsk } from '#canonical';
import { describe, expect, it } from 'vitest';
import { NONCE, NOW, sale, Till } from './till.testing.js';

const isPurchase = ({ method, path }: SimulatedRequest) => method === 'POST' && path === '/operations';
const seconds = (count: number) => new Date(NOW.getTime() + count * 1_000);
const byCode = (value: string) => ({ identifier: { type: 'code', value } }) as const;
/** The next customer's sale, under the number that the till used again. */
const ours = sale({ number: '17', subject: byCode('111111') });

function elsewhere(till: Till, after: number, more: Partial<PurchaseAsk['receipt']> = {}): void {
  Object.assign(till, { now: seconds(after), nonce: `another-${after}` });
  till.buys(sale({ merchantReference: 'other', number: '17', subject: byCode('000123'), ...more }));
  Object.assign(till, { now: NOW, nonce: NONCE });
}

/** A purchase that does not reach UDS. */
const astray = (request: SimulatedRequest): SimulatedRequest =>
  isPurchase(request) ? { ...request, path: '/away' } : request;

/** Sends ours; its answer is lost, or the request already. */
function lost(till: Till, { arrives }: { arrives: boolean }): void {
  const unknown = byCode('none');
  if (arrives) till.wire = (answer, request) => (isPurchase(request) ? undefined : answer);
  expect(() => till.buys(arrives ? ours : { ...ours, subject: unknown })).toThrow();
  till.wire = answer => answer;
  till.effects.length = till.sent.length = 0;
}

describe("an entry under a till's number whose buyer may be another", () => {
  it.each([-40, -1, 1])('is not this sale %i s from its send: the repeat books ours', after => {
    const till = new Till();
    elsewhere(till, after);
    lost(till, { arrives: false });
    expect(till.judges(ours, { tries: 0, nonce: undefined })).toMatchObject({ verdict: 'inconclusive' });
    expect(till.judges(ours)).toMatchObject({
      verdict: 'executed',
      evidence: 'proof',
      result: { providerOperationId: '803998924' },
    });
    expect(till.effects).toEqual(['purchase']);
  });

  it.each(['same-operation', 'not-found', 'conflict', 'bad-request'] as const)(
    'is this sale if its used nonce is answered %s',
    repeatedNonce => {
      const till = new Till({ repeatedNonce });
      lost(till, { arrives: true });
      expect(till.judges(ours)).toMatchObject({
        verdict: 'executed',
        result: { providerOperationId: '803998923' },
      });
      expect(till.effects).toEqual([]);
    },
  );

  it('is this sale at once if the buyer was known when it was sent', () => {
    const till = new Till();
    const uid = '4c7e1f1e-0f6d-4f0e-9b57-2a5f3f0c1a01';
    const named = sale({ number: '17', subject: { identifier: { type: 'uid', value: uid } } });
    till.wire = (answer, request) => (isPurchase(request) ? undefined : answer);
    expect(() => till.buys(named)).toThrow(Unanswered);
    till.wire = answer => answer;
    expect(till.judges(named, { tries: 0, nonce: undefined })).toMatchObject({ evidence: 'strong' });
  });

  it.each([
    ["under the till's number", {}],
    ['without a number', { number: undefined }],
  ])('%s: a repeat without an answer decides nothing, and a later one does', (_how, drift) => {
    const till = new Till();
    elsewhere(till, -1);
    lost(till, { arrives: false });
    const hidden = (answer: { status: number; body?: unknown }) => {
      const { rows, ...page } = answer.body as { rows?: object[] };
      const shown = 'number' in drift ? rows?.map(row => ({ ...row, receiptNumber: null })) : rows;
      return rows ? { ...answer, body: { ...page, rows: shown } } : answer;
    };
    till.hears = astray;
    till.wire = (answer, request) =>
      isPurchase(request) ? { status: 503, body: 'Server Error' } : hidden(answer);
    expect(till.judges(ours)).toMatchObject({ verdict: 'inconclusive' });
    till.hears = request => request;
    till.wire = hidden;
    const repeated = { repeats: 1, lastSentAt: seconds(3) };
    till.now = seconds(5);
    expect(till.judges(ours, repeated)).toMatchObject({ verdict: 'inconclusive' });
    till.now = seconds(700);
    expect(till.judges(ours, { repeats: 1, lastSentAt: seconds(300) })).toMatchObject({
      verdict: 'inconclusive',
    });
    expect(till.effects).toEqual([]);
    till.now = seconds(7);
    expect(till.judges(ours, repeated)).toMatchObject({ verdict: 'executed', evidence: 'proof' });
    expect(till.effects).toEqual(['purchase']);
  });
});

describe('a repeat that UDS answered', () => {
  const probe = (till: Till, after: number, more = {}) => {
    till.now = seconds(after);
    till.effects.length = till.sent.length = 0;
    return till.judges(ours, { repeats: 1, lastSentAt: seconds(3), tries: 3, ...more });
  };
  const refusing =
    (errorCode: string, status: number) => (answer: SimulatedAnswer, request: SimulatedRequest) =>
      isPurchase(request) ? { status, body: { errorCode } } : answer;

  it('with a refusal is not made again: only the ledger is read', () => {
    const till = new Till();
    elsewhere(till, -1);
    elsewhere(till, 1);
    lost(till, { arrives: false });
    till.wire = refusing('notFound', 404);
    const refusal = expect.objectContaining({ code: 'customer-not-found' });
    expect(till.judges(ours)).toMatchObject({ verdict: 'inconclusive', refusal });
    expect(probe(till, 7)).toMatchObject({ verdict: 'inconclusive' });
    expect(till.sent).toContain('POST /operations');
    expect(probe(till, 7, { refused: 'customer-not-found' })).toMatchObject({ verdict: 'inconclusive' });
    expect(till.sent).toEqual(['GET /operations']);
  });

  it('with a refusal for its used code finds the sale later, for as long as it was repeated', () => {
    const till = new Till();
    lost(till, { arrives: true });
    const refused = { refused: 'customer-not-found' } as const;
    expect(probe(till, 7, refused)).toMatchObject({ verdict: 'executed', evidence: 'strong' });
    expect(probe(till, 601, refused)).toMatchObject({ verdict: 'inconclusive' });
    expect(till.effects).toEqual([]);
  });

  it.each([
    ['participantIsBlocked', 400],
    ['cashierNotFound', 404],
    ['companyIsInactive', 403],
    ['forbidden', 403],
    ['receiptExists', 409],
  ])('%s does not say that the sale of another till is ours', (errorCode, status) => {
    const till = new Till();
    elsewhere(till, -1);
    lost(till, { arrives: false });
    till.hears = astray;
    till.wire = refusing(errorCode, status);
    expect(till.judges(ours)).toMatchObject({ verdict: 'inconclusive' });
    expect(till.effects).toEqual([]);
  });

  it('with a refusal for its used code is no proof by an entry with other points', () => {
    const till = new Till();
    elsewhere(till, 1, { redeemPoints: '100' });
    lost(till, { arrives: false });
    till.hears = astray;
    till.wire = refusing('notFound', 404);
    expect(till.judges(ours)).toMatchObject({ verdict: 'inconclusive' });
  });

  it('with other figures leaves the sale to the ledger for a minute, which never calls it absent', () => {
    const till = new Till();
    lost(till, { arrives: true });
    let isLate = true;
    till.wire = (answer, request) => {
      if (isPurchase(request)) return { ...answer, body: { ...(answer.body as object), total: 999 } };
      return isLate ? { status: 200, body: { rows: [], cursor: null } } : answer;
    };
    const contradicted = { contradicted: true } as const;
    expect(till.judges(ours)).toMatchObject({ verdict: 'inconclusive', ...contradicted });
    expect(till.judges(ours)).not.toHaveProperty('final');
    expect(probe(till, 7, contradicted)).toMatchObject({ verdict: 'inconclusive', final: false });
    expect(probe(till, 64, contradicted)).toMatchObject({ verdict: 'inconclusive', final: true });
    expect(till.sent).toEqual(['GET /operations']);
    isLate = false;
    expect(probe(till, 64, { ...contradicted, refused: 'customer-not-found' })).toMatchObject({
      verdict: 'executed',
    });
  });
});
