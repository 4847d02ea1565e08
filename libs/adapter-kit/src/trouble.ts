const TROUBLE =
  /internal|server\s?error|timed?[\s-]?out|unavailable|temporar|try again|внутренн\p{L}* ошибк|ошибк\p{L}* (на )?сервер|недоступ|попробуйте (ещ[её] раз|позже|снова)/iu;

/** Whether a sentence of the provider complains of trouble of its own, not of the request: it may have come after the effect, so inside a 2xx it refuses nothing. */
export const isTrouble = (sentence: string | undefined): boolean => TROUBLE.test(sentence ?? '');
