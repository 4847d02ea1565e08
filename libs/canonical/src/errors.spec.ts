import { describe, expect, it } from 'vitest';
import { errorCodes, errorTable, isErrorCode } from './errors.js';
import type { ErrorCode } from './errors.js';
import { Problem, toProblem } from './problem.js';
import { languageOf, storedMessageOf } from './user-message.js';
import { Refusal } from './refusal.js';
import { readBody } from './validate.js';

// The contract's table, section 4; the code must say the same.
const contract: Record<number, string> = {
  400: 'malformed-json unknown-field money-not-string invalid-parameter idempotency-key-missing idempotency-key-invalid connection-required',
  401: 'unauthenticated',
  403: 'scope-missing',
  404: 'not-found customer-not-found',
  409: 'duplicate-reference state-conflict customer-operation-unresolved',
  410: 'hold-expired identity-token-expired',
  413: 'payload-too-large',
  415: 'unsupported-media-type',
  422: `validation-failed amount-scale unsupported-field idempotency-key-reused insufficient-points redeem-limit-exceeded
    redeem-requires-code purchase-by-phone-disabled customer-blocked amount-mismatch location-unknown cashier-unknown
    refund-exceeds-purchase hold-duration-out-of-range payout-below-minimum payout-method-unavailable
    payout-balance-empty provider-rejected`,
  424: 'connection-credentials-invalid connection-account-inactive connection-origin-rejected end-user-token-invalid connection-paused',
  429: 'too-many-requests',
  500: 'internal-error',
  501: 'capability-not-supported',
  502: 'provider-error provider-contract-violation',
  503: 'lane-saturated circuit-open provider-unavailable dependency-unavailable',
  504: 'provider-timeout',
};

describe('the errors table', () => {
  it('has the codes of the contract, each with its status, and no other', () => {
    const told = Object.entries(contract).flatMap(([status, codes]) =>
      codes.split(/\s+/).map(code => `${status} ${code}`),
    );
    expect(errorCodes.map(code => `${errorTable[code].status} ${code}`).sort()).toEqual(told.sort());
  });

  it('promises a harmless repeat only where nothing was done', () => {
    for (const code of errorCodes) {
      const { retryable, outcome, status } = errorTable[code];
      if (retryable) expect([code, outcome]).toEqual([code, 'not-executed']);
      if (status < 500 && status !== 429) expect([code, retryable]).toEqual([code, false]);
      if (status === 503 || status === 504) expect([code, retryable]).toEqual([code, true]);
    }
  });

  it('has texts: sentences for developers, Russian and English for cashiers', () => {
    const faulty = errorCodes.filter(code => {
      const { title, detail, userMessage } = errorTable[code];
      const sentences = detail.endsWith('.') && !title.endsWith('.');
      const forPeople = /^[А-ЯЁ].*\.$/.test(userMessage.ru) && /^[A-Z].*\.$/.test(userMessage.en);
      return !sentences || !forPeople || /`|http|json|null/i.test(userMessage.ru + userMessage.en);
    });
    expect(faulty).toEqual([]);
  });

  it('recognises its own codes', () => {
    expect([isErrorCode('not-found'), isErrorCode('toString')]).toEqual([true, false]);
  });
});

it('does not blame the provider in texts that are also used for a lost answer', () => {
  const { en, ru } = errorTable['provider-rejected'].userMessage;
  expect(en).not.toMatch(/refus/);
  expect(ru).not.toMatch(/отклон/);
});

it('does not say that an earlier request stands, or does not, where its outcome may be unknown', () => {
  const texts = (['duplicate-reference', 'idempotency-key-reused'] as const).map(
    code => errorTable[code].userMessage,
  );
  for (const { en, ru } of texts) {
    expect(en).not.toMatch(/processed|Nothing was done/);
    expect(ru).not.toMatch(/проведён|Операция не выполнена/);
  }
});

describe('toProblem', () => {
  const context = { requestId: 'req-1', language: 'ru' as const };

  it('fills in the row of the code, and leaves out what does not apply', () => {
    const problem = toProblem(new Refusal('insufficient-points'), context);
    expect(problem).toEqual({
      type: '/problems/insufficient-points',
      title: 'Not enough points',
      status: 422,
      detail: errorTable['insufficient-points'].detail,
      code: 'insufficient-points',
      retryable: false,
      outcome: 'not-executed',
      requestId: 'req-1',
      userMessage: 'У клиента недостаточно баллов. Уменьшите сумму списания.',
    });
  });

  it('matches its own schema with every member', () => {
    const refusal = new Refusal('redeem-limit-exceeded', {
      detail: 'At most 439.',
      maxRedeemPoints: '439',
      operationId: 'opr_01h455vb4pex5vsknk084sn02q',
      capability: 'purchase.create',
      outcome: 'unknown',
      errors: [{ pointer: '', code: 'redeem-limit-exceeded', detail: 'At most 439.' }],
      provider: { name: 'uds', status: 400, code: 'discountLimitExceed', message: 'x' },
    });
    const problem = toProblem(refusal, context);
    expect(readBody(Problem, problem)).toMatchObject({ maxRedeemPoints: '439', outcome: 'unknown' });
  });

  it('does not tell the cashier "nothing was done" when the outcome is unknown', () => {
    const sentence = (outcome?: 'unknown') =>
      toProblem(new Refusal('dependency-unavailable', { outcome }), context).userMessage;
    expect(sentence()).toMatch(/не выполнена/);
    expect(sentence('unknown')).toMatch(/неизвестно, прошла ли операция/);
  });

  it('does not deny a write whose outcome was asked for: only the question was not executed', () => {
    const answer = (code: ErrorCode, asksOutcome: boolean) =>
      toProblem(new Refusal(code), { ...context, asksOutcome });
    for (const code of ['unauthenticated', 'scope-missing', 'dependency-unavailable'] as const) {
      expect(answer(code, false).userMessage).toMatch(/не выполнена/);
      expect(answer(code, true)).toMatchObject({
        outcome: 'not-executed',
        userMessage: expect.stringMatching(/прошла ли операция/),
      });
    }
    expect(answer('not-found', true).userMessage).toBe(errorTable['not-found'].userMessage.ru);
  });

  it('tells a cashier whose operation was withdrawn that it may be entered again', () => {
    const sentence = (withdrawn?: true) =>
      toProblem(new Refusal('state-conflict', { withdrawn }), context).userMessage;
    expect(sentence()).toMatch(/Обновите данные/);
    expect(sentence(true)).toMatch(/ничего не проведено.*заново/);
    for (const state of ['cancelled', 'expired'] as const)
      expect(storedMessageOf('state-conflict', state).ru).toBe(sentence(true));
    expect(storedMessageOf('state-conflict', 'rejected').ru).toBe(sentence());
    const unresolved = errorTable['customer-operation-unresolved'].userMessage;
    expect(storedMessageOf('customer-operation-unresolved', 'cancelled')).toBe(unresolved);
  });

  it('truncates and cleans the provider’s text', () => {
    const message = `a\u0000b\n${'я'.repeat(300)}`;
    const { provider } = toProblem(
      new Refusal('provider-rejected', { provider: { name: 'pp', message } }),
      context,
    );
    expect(provider!.message).toHaveLength(200);
    expect(provider!.message).toMatch(/^a b я.*…$/);
  });
});

describe('languageOf', () => {
  it.each([
    [undefined, 'en'],
    ['ru', 'ru'],
    ['ru-RU,ru;q=0.9,en;q=0.8', 'ru'],
    ['en-US,en;q=0.9,ru;q=0.8', 'en'],
    ['de, ru;q=0.5', 'ru'],
    ['ru;q=0', 'en'],
    ['rubbish;q=x', 'en'],
  ])('%s → %s', (header, language) => {
    expect(languageOf(header)).toBe(language);
  });
});
