import { saysFailed, withoutContacts } from '#adapter-kit';
import type { Reader } from '#adapter-kit';
import { DEEPEST, sentenceIn, telling, wordIn, words } from './reason.js';

/** Whether an answer without a result says that there is none. */
export function deniedIn(body: Reader): boolean {
  const error = body.at('error');
  return (
    failedIn(body) ||
    error.flag() === true ||
    (error.flag() === undefined && sentenceIn(error) !== undefined) ||
    body.at('errors').list().length > 0
  );
}

/** Whether an answer with a result denies it as well: an empty form of an error does not, and neither does a message that was not delivered. */
export const deniesItsResult = (body: Reader): boolean =>
  failedIn(body) || isKnown(wordIn(body)) || ['error', 'errors'].some(name => denies(body.at(name)));

const failedIn = (body: Reader): boolean =>
  saysFailed(body) || /^(error|fail(ed)?)$/i.test(body.at('status').text() ?? '');

const isKnown = (code: string): boolean => Object.hasOwn(words, code);

const NOTHING = /^\s*(none|ok|no)\s*$/i;

const CHANNEL = /^(?:e-?mail|mail|sms|push|notification|webhook|письм[оа]|уведомлени[ея]|смс)s?$/;
const DELIVERY = /^(?:sen[dt]|sending|(?:un)?deliver(?:ed|y)?|(?:отправ|достав)\p{L}+)$/u;
// No other thing can be denied in these.
const AROUND = new Set(
  (
    'not failed cannot unable error to be been was were is has have could message the an a confirmation welcome customer … ' +
    'не удалось ошибка при на номер адрес был была было клиенту'
  ).split(' '),
);

// One clause without another subject: in "email not delivered, lead blocked" a comma and "lead" are more than that.
function isUndelivered(sentence = ''): boolean {
  const words = withoutContacts(sentence.trim().toLowerCase()).replace(/[.!]$/, '').split(/\s+/);
  const isAny = (pattern: RegExp) => words.some(word => pattern.test(word));
  return (
    isAny(CHANNEL) &&
    isAny(DELIVERY) &&
    words.every(word => AROUND.has(word) || CHANNEL.test(word) || DELIVERY.test(word))
  );
}

function denies(field: Reader, depth = 0): boolean {
  if (depth > DEEPEST) return field.present;
  const flag = field.flag();
  if (flag !== undefined) return flag;
  const text = field.text();
  if (text !== undefined) return !NOTHING.test(text) && !isUndelivered(text);
  if (isKnown(field.at('code').text() ?? '')) return true;
  // The code beside such a sentence is about the message as well.
  const told = field.record() ? telling.map(name => field.at(name)) : [];
  const parts = told.some(part => isUndelivered(sentenceIn(part))) ? told : field.list();
  return parts.some(part => denies(part, depth + 1));
}
