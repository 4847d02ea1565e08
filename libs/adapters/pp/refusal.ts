import { reader } from '#adapter-kit';
import type { Exchange, ProviderRefusal, Reader, WireAnswer } from '#adapter-kit';
import { textOf } from './text.js';

/** What the texts of refusals mean; the codes are ours, since the provider has texts alone. */
export const errors = {
  'key-refused': 'connection-credentials-invalid',
  'below-minimum': 'payout-below-minimum',
  'not-enough-money': 'payout-balance-empty',
  'wrong-account': 'validation-failed',
  'method-closed': 'payout-method-unavailable',
  'api-off': 'provider-contract-violation',
};

// In this order: "the minimum" is also told inside of "not enough money".
const texts: [RegExp, keyof typeof errors][] = [
  [
    /api\s+disabled|api\s+отключ|key\s+error|ошибка\s+ключа|(wrong|invalid)\s+(api\s+)?(key|login)/i,
    'key-refused',
  ],
  [/minim|минимал/i, 'below-minimum'],
  [/enough\s+(money|funds)|(in|not\s+)sufficient|недостаточно\s+(средств|денег)/i, 'not-enough-money'],
  [
    /неверн\S*\s+(номер\s+)?(кошел|сч[её]т|реквизит)|(wrong|invalid|incorrect|bad)\s+(wallet|account)/i,
    'wrong-account',
  ],
  [/валют|резерв|currenc|reserve|способ\S*\s+выплат|payout\s+method/i, 'method-closed'],
];

const nothingFound = /^\W*(empty\s+answer|nothing\s+found|no\s+bid\s+exists|ничего\s+не\s+найдено)\W*$/i;

/**
 * Statuses that no page of PP's names (it answers 200 even to errors): not its word, and for an order no proof that
 * nothing was done. A 401 is the password of the site before it.
 */
export const undocumented: number[] = [
  ...Array.from({ length: 100 }, (_, at) => 400 + at).filter(status => ![401, 408, 429].includes(status)),
  501,
];

/** Finds a refusal, which PP puts into a 200; the text alone is never one, since a success has a text as well. */
export function refusal(answer: WireAnswer, exchange: Exchange): ProviderRefusal | undefined {
  // An unknown method, an empty key or a module that is off; for a write it stays "we do not know".
  if (answer.status === 501)
    return exchange.retryClass === 'read' ? { code: 'api-off', message: 'HTTP 501' } : undefined;
  const body = reader(answer.body);
  if (!saysNo(body) || saysNothingFound(body)) return undefined;
  const message = textOf(body.at('error_text')) ?? wordsOf(body.at('error'));
  const code = texts.find(([pattern]) => pattern.test(message ?? ''))?.[1] ?? 'refused';
  return {
    code,
    message,
    ...(code === 'wrong-account' && message ? { fields: [{ pointer: '/account', detail: message }] } : {}),
  };
}

const saysNo = (body: Reader): boolean => {
  const error = body.at('error');
  const number = error.decimal() !== undefined && error.flag() === undefined;
  return error.flag() === true || number || wordsOf(error) !== undefined;
};

// Some sites write the reason where others write 1; a word alone may be theirs for "none".
const wordsOf = (error: Reader): string | undefined => {
  const text = textOf(error)?.trim();
  return text !== undefined && /\S\s+\S/.test(text) && !/^no\s+error/i.test(text) ? text : undefined;
};

/** The user API calls an empty list an error. */
export const saysNothingFound = (body: Reader): boolean =>
  saysNo(body) && nothingFound.test(textOf(body.at('error_text')) ?? '');
