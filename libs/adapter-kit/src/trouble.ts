const TROUBLE =
  /internal|server\s?error|timed?[\s-]?out|unavailable|temporar|try again|внутренн\p{L}* ошибк|ошибк\p{L}* (на )?сервер|недоступ|попробуйте (ещ[её] раз|позже|снова)/iu;

/** Whether an error text reports a failure of the provider itself, not of the request: it may have happened after the effect, so inside a 2xx it is not a refusal. */
export const isTrouble = (sentence: string | undefined): boolean => TROUBLE.test(sentence ?? '');
