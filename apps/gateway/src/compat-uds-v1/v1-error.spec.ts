import { describe, expect, it } from 'vitest';
import { Refusal, errorCodes, errorTable, toProblem } from '#canonical';
import type { ErrorCode, RefusalMembers } from '#canonical';
import { v1Error } from './v1-error.js';

const told = (code: ErrorCode, members: RefusalMembers = {}, language: 'ru' | 'en' = 'ru') =>
  v1Error(toProblem(new Refusal(code, members), { requestId: 'r', language }));

describe('a refusal in the form of v1', () => {
  it.each(errorCodes)('%s stays below or above 500 as in the errors table, and has a sentence', code => {
    const { status, body } = told(code);
    expect(status >= 500).toBe(errorTable[code].status >= 500);
    expect(body).toEqual({
      errorCode: expect.stringMatching(/^[a-zA-Z]+$/),
      message: errorTable[code].userMessage.ru,
    });
  });

  it('uses the statuses of v1 where a till must distinguish cases', () => {
    expect(told('insufficient-points').status).toBe(400);
    expect(told('connection-account-inactive')).toMatchObject({
      status: 403,
      body: { errorCode: 'companyIsInactive' },
    });
    expect(told('customer-not-found').status).toBe(404);
  });

  it('says what to do when the outcome is unknown, in the language of the till', () => {
    const unknown = { outcome: 'unknown' } as const;
    expect(told('provider-timeout', unknown).body.message).toMatch(/\(покупку — с тем же номером чека\)/);
    expect(told('provider-timeout', unknown, 'en').body.message).toMatch(
      /\(a sale with the same invoice number\)/,
    );
    expect(told('provider-timeout').body.message).toBe(errorTable['provider-timeout'].userMessage.ru);
  });

  it('never says that nothing was done when the effect may exist', () => {
    const restarting = told('dependency-unavailable', { outcome: 'unknown' });
    expect(restarting).toMatchObject({ status: 504, body: { errorCode: 'timeout' } });
    expect(restarting.body.message).not.toMatch(/не выполнена/);
    expect(told('dependency-unavailable')).toMatchObject({ status: 503 });
    expect(told('internal-error').body.message).toMatch(/проверьте, прошла ли операция/);
  });

  it('names parameters as v1 does', () => {
    const detail = 'wrong';
    const pointers = [
      '/receipt/total/amount',
      '/receipt/expectedPayable/amount',
      '/identifier/value',
      '/query/phone',
    ];
    const errors = pointers.map(pointer => ({ pointer, code: 'validation-failed', detail }));
    expect(told('validation-failed', { errors }).body.errors?.map(({ field }) => field)).toEqual([
      'total',
      'cash',
      'code',
      'phone',
    ]);
  });
});
