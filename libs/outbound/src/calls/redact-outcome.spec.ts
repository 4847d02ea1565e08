import { Refusal } from '#canonical';
import { registry } from '#adapters';
import { describe, expect, it } from 'vitest';
import type { OpenConnection } from '../connections/connection.js';
import { redactOutcome, secretTextsOf } from './redact-outcome.js';

const { adapter } = registry['uds']!;
const connection = { adapter, credentials: { companyId: '549755813888', apiKey: 'key-of-a-shop' } } as never;
const proof = Buffer.from('549755813888:key-of-a-shop').toString('base64');
const secrets = secretTextsOf(connection as OpenConnection, {
  ask: { subject: { identifier: { type: 'code', value: '907117' } }, receipt: { number: 'order-117' } },
  wire: {
    method: 'POST',
    path: '/operations',
    json: { cashier: { name: 'Канарейка' } },
    bearer: 'an-end-users',
  },
  headers: { authorization: `Basic ${proof}`, accept: 'application/json' },
});
const refused = (provider: object, errors?: { pointer: string; code: string; detail: string }[]) =>
  redactOutcome(
    {
      kind: 'refused',
      refusal: new Refusal('validation-failed', { provider: { name: 'uds', ...provider }, errors }),
    },
    adapter,
    secrets,
  ) as { refusal: Refusal };

describe('what a provider quotes of a call', () => {
  it.each([
    ['the code of a customer', 'The code 907117 is not known', 'The code *** is not known'],
    ['a name', 'Cashier Канарейка is unknown', 'Cashier *** is unknown'],
    ['a credential', 'Bad key key-of-a-shop', 'Bad key ***'],
    ['a proof without its scheme', `Cannot read ${proof}`, 'Cannot read ***'],
    ['an end user’s token', 'Token an-end-users has ended', 'Token *** has ended'],
    ['a phone that we never sent', 'Known as +7 903 123-45-67', 'Known as ***'],
    ['nothing of these', 'Receipt order-117 is closed', 'Receipt order-117 is closed'],
  ])('is not repeated: %s', (_, said, told) => {
    const errors = [{ pointer: '/identifier/value', code: 'validation-failed', detail: said }];
    const { members } = refused({ message: said }, errors).refusal;
    expect(members.provider?.message).toBe(told);
    expect(members.errors).toEqual([{ ...errors[0], detail: told }]);
  });

  it('leaves the codes that the adapter knows, and cleans those that it does not', () => {
    expect(refused({ code: 'insufficientFunds' }).refusal.members.provider?.code).toBe('insufficientFunds');
    expect(refused({ code: 'no_907117' }).refusal.members.provider?.code).toBe('no_***');
  });

  it('is not repeated as the reason of an answer that proves nothing', () => {
    const made = redactOutcome({ kind: 'unanswered', reason: '/907117: is missing' }, adapter, secrets);
    expect(made).toEqual({ kind: 'unanswered', reason: '/***: is missing' });
  });
});
