import { errorTable, type ErrorCode } from './errors.js';
import type { Refusal } from './refusal.js';
import type { OperationState } from './states.js';

/** Languages of `userMessage`. */
export type Language = 'ru' | 'en';

/** The message for the cashier if a code normally says "nothing was done" but in this case cannot. */
export const unsure: Record<Language, string> = {
  ru: 'Сервис временно недоступен, и пока неизвестно, прошла ли операция. Повторите её через минуту, ничего не меняя.',
  en: 'The service is temporarily down, and it is not known yet whether the operation went through. Try again in a minute without changing anything.',
};

/** The same if the till may not learn the outcome, because its key has expired or may not make the call. */
export const notTold: Record<Language, string> = {
  ru: 'У кассы нет нужного доступа, и она не может узнать, прошла ли операция. Сообщите администратору, прежде чем повторять её.',
  en: 'This till does not have the access it needs and cannot find out whether the operation went through. Please tell the administrator before you repeat it.',
};

/** The same if the first request went to a connection that the till no longer names. */
export const elsewhere: Record<Language, string> = {
  ru: 'Эта операция уже отправлялась при прежних настройках и могла пройти. Не проводите её заново: сообщите администратору.',
  en: 'This operation was sent before, under earlier settings, and may have gone through. Do not enter it again; please tell the administrator.',
};

/** The same if the request could not be read. */
export const misread: Record<Language, string> = {
  ru: 'Касса отправила запрос с ошибкой и не может узнать, прошла ли операция. Сообщите в поддержку кассы, прежде чем повторять её.',
  en: 'The till sent a faulty request and cannot find out whether the operation went through. Please tell the till’s support before you repeat it.',
};

/** The message where a code is usually final, but a repeat may succeed. */
export const passing: Record<Language, string> = {
  ru: 'Операция как раз проверяется. Повторите через несколько секунд.',
  en: 'The operation is being checked at this moment. Try again in a few seconds.',
};

/** The message of a write that was taken back before it was sent. */
export const withdrawn: Record<Language, string> = {
  ru: 'Операция снята до отправки, ничего не проведено. Если она ещё нужна, проведите её заново.',
  en: 'The operation was withdrawn before it was sent. Nothing was done. If it is still needed, enter it again.',
};

const inDoubt: Partial<Record<ErrorCode, Record<Language, string>>> = {
  // The table's message for too many requests does not claim that nothing was done.
  'too-many-requests': errorTable['too-many-requests'].userMessage,
  unauthenticated: notTold,
  'scope-missing': notTold,
  'malformed-json': misread,
  'unknown-field': misread,
  'money-not-string': misread,
  'invalid-parameter': misread,
  'validation-failed': misread,
  'amount-scale': misread,
  'payload-too-large': misread,
  'unsupported-media-type': misread,
  'not-found': elsewhere,
  'idempotency-key-reused': elsewhere,
};

// Refusals of any request, whose message would otherwise deny the write that was asked about.
const ofAnyRequest: readonly ErrorCode[] = ['unauthenticated', 'scope-missing', 'dependency-unavailable'];

/** The message for the cashier, which claims no more than is known about the outcome. */
export function userMessageOf({ code, members }: Refusal, asksOutcome = false): Record<Language, string> {
  const { outcome, userMessage, retryable } = errorTable[code];
  if (members.withdrawn) return withdrawn;
  if (members.retryable && !retryable) return passing;
  const doubted = members.outcome === 'unknown' && outcome !== 'unknown';
  return doubted || (asksOutcome && ofAnyRequest.includes(code)) ? (inDoubt[code] ?? unsure) : userMessage;
}

/** The message of a problem that is stored with its operation, by the operation's state. */
export const storedMessageOf = (code: ErrorCode, state: OperationState): Record<Language, string> =>
  code === 'state-conflict' && (state === 'cancelled' || state === 'expired')
    ? withdrawn
    : errorTable[code].userMessage;

/** The language of `userMessage` according to `Accept-Language`: ru or en, whichever has the higher weight; English by default. */
export function languageOf(acceptLanguage: string | undefined): Language {
  const weighted = (acceptLanguage ?? '').split(',').map(part => {
    const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
    const quality = parameters.map(text => text.trim()).find(text => text.startsWith('q='));
    return { language: tag.split('-')[0], weight: quality ? Number(quality.slice(2)) : 1 };
  });
  const weightOf = (language: Language) =>
    Math.max(0, ...weighted.filter(item => item.language === language).map(item => item.weight || 0));
  return weightOf('ru') > weightOf('en') ? 'ru' : 'en';
}
