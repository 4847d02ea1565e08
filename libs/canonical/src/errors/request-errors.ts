import { refusedWith } from './error-row.js';

const tellSupport = {
  ru: 'Касса отправила запрос с ошибкой. Операция не выполнена. Сообщите в поддержку кассы.',
  en: 'The till sent a faulty request. Nothing was done. Please tell the till’s support.',
};
const tellOwner = {
  ru: 'У кассы нет доступа к программе лояльности. Операция не выполнена. Сообщите администратору.',
  en: 'This till has no access to the loyalty programme. Nothing was done. Please tell the administrator.',
};

/** Errors in how a request is made: its JSON, its headers, its key. */
export const requestErrors = {
  ...refusedWith(400, {
    'malformed-json': {
      title: 'The body is not JSON',
      detail: 'The body could not be read as JSON. Send one JSON object in UTF-8.',
      userMessage: tellSupport,
    },
    'unknown-field': {
      title: 'Unknown field',
      detail:
        'The body has a field that this call does not know. Remove it, or correct its name; see `errors`.',
      userMessage: tellSupport,
    },
    'money-not-string': {
      title: 'Money must be a decimal string',
      detail:
        'Money is `{"amount": "1234.56", "currency": "RUB"}` with the amount as a string: a JSON number would be rounded on its way.',
      userMessage: tellSupport,
    },
    'invalid-parameter': {
      title: 'Wrong type or syntax',
      detail: 'A field or a query parameter has the wrong type or cannot be read; see `errors`.',
      userMessage: tellSupport,
    },
    'idempotency-key-missing': {
      title: 'Idempotency-Key is required',
      detail:
        'Send an `Idempotency-Key` header (16 to 255 visible ASCII characters, one per intent) and repeat it on every retry.',
      userMessage: tellSupport,
    },
    'idempotency-key-invalid': {
      title: 'Idempotency-Key cannot be used',
      detail: 'The `Idempotency-Key` must have 16 to 255 visible ASCII characters, bare or in double quotes.',
      userMessage: tellSupport,
    },
    'connection-required': {
      title: 'No connection was named',
      detail:
        'This key can use several connections. Name one by id or slug in the `Gateway-Connection` header.',
      userMessage: tellSupport,
    },
  }),
  ...refusedWith(401, {
    unauthenticated: {
      title: 'No valid API key',
      detail:
        'Send `Authorization: Bearer lgk_…` with a key that exists, has not expired and has not been revoked.',
      userMessage: tellOwner,
    },
  }),
  ...refusedWith(403, {
    'scope-missing': {
      title: 'The key may not do this',
      detail: 'The API key lacks the scope of this call. Use another key, or have one made with the scope.',
      userMessage: tellOwner,
    },
  }),
  ...refusedWith(404, {
    'not-found': {
      title: 'Not found',
      detail: 'There is nothing at this address for this key. Check the id and the connection.',
      userMessage: {
        ru: 'Запись не найдена. Проверьте номер и попробуйте ещё раз.',
        en: 'No such record. Check the number and try again.',
      },
    },
  }),
  ...refusedWith(413, {
    'payload-too-large': {
      title: 'The body is too large',
      detail: 'A body may have 256 KiB (8 MiB where a call takes images). Send less.',
      userMessage: tellSupport,
    },
  }),
  ...refusedWith(415, {
    'unsupported-media-type': {
      title: 'The body must be JSON',
      detail: 'Send the body as `Content-Type: application/json`.',
      userMessage: tellSupport,
    },
  }),
  ...refusedWith(422, {
    'validation-failed': {
      title: 'A value is not acceptable',
      detail:
        'The body is well formed, but a value in it cannot be accepted; see `errors`, or `provider` where the provider said so.',
      userMessage: {
        ru: 'Данные не приняты. Проверьте сумму, телефон или код клиента и попробуйте ещё раз.',
        en: 'The data was not accepted. Check the amount, the phone or the customer’s code and try again.',
      },
    },
    'amount-scale': {
      title: 'Too many decimal places',
      detail: 'The amount has more decimal places than its currency. Round it before sending.',
      userMessage: tellSupport,
    },
    'unsupported-field': {
      title: 'The provider cannot take this field',
      detail: 'This provider has no place for a field that was sent. Leave it out; see `errors`.',
      userMessage: tellSupport,
    },
    'idempotency-key-reused': {
      title: 'The key was used for another request',
      detail:
        'This `Idempotency-Key` belongs to a request with other content. Repeat that request unchanged, or use a new key for a new intent.',
      userMessage: tellSupport,
    },
  }),
  ...refusedWith(429, {
    'too-many-requests': {
      retryable: true,
      title: 'Too many requests with this key',
      detail: 'The key’s own limit is reached; nothing was sent. Repeat after the seconds in `Retry-After`.',
      userMessage: {
        ru: 'Слишком много запросов. Подождите несколько секунд и повторите.',
        en: 'Too many requests. Wait a few seconds and try again.',
      },
    },
  }),
};
