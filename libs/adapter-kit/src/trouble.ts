import type { Reader } from './read.js';

const TROUBLE =
  /internal|server\s?error|timed?[\s-]?out|unavailable|temporar|try again|внутренн\p{L}* ошибк|ошибк\p{L}* (на )?сервер|недоступ|попробуйте (ещ[её] раз|позже|снова)/iu;

/** Whether an error text reports a failure of the provider itself, not of the request: it may have happened after the effect, so inside a 2xx it is not a refusal. */
export const isTrouble = (sentence: string | undefined): boolean => TROUBLE.test(sentence ?? '');

/** Whether the answer itself says that it failed: `success` or `ok` is false. */
export const saysFailed = (body: Reader): boolean =>
  ['success', 'ok'].some(name => body.at(name).flag() === false);

/** Whether a field for errors or a message has one: PHP writes "none" as null, false, 0, an empty text or an empty list. */
export const saysSomething = (field: Reader): boolean =>
  field.flag() ?? (field.text() !== undefined || field.list().some(each => each.present));
