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
        'The body contains a field that this call does not have. Remove it or correct its name; see `errors`.',
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
      detail: 'A field or query parameter has the wrong type or syntax; see `errors`.',
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
      title: 'No connection given',
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
      title: 'The key lacks the scope',
      detail:
        'The API key lacks the scope that this call requires. Use another key, or create one with that scope.',
      userMessage: tellOwner,
    },
  }),
  ...refusedWith(404, {
    'not-found': {
      title: 'Not found',
      detail: 'Nothing at this address is visible to this key. Check the id and the connection.',
      userMessage: {
        ru: 'Запись не найдена. Проверьте номер; если он верен, сообщите в поддержку кассы.',
        en: 'No such record. Check the number; if it is right, tell the till’s support.',
      },
    },
  }),
  ...refusedWith(413, {
    'payload-too-large': {
      title: 'The body is too large',
      detail:
        'A body may be at most 256 KiB (8 MiB for calls that take images). With HTTP 431 it is the headers that are too large: they may be at most 16 KiB in total.',
      userMessage: tellSupport,
    },
  }),
  ...refusedWith(415, {
    'unsupported-media-type': {
      title: 'The body must be JSON in UTF-8',
      detail: 'Send the body as `Content-Type: application/json`, in UTF-8 and not compressed.',
      userMessage: tellSupport,
    },
  }),
  ...refusedWith(422, {
    'validation-failed': {
      title: 'A value is not acceptable',
      detail:
        'The body is well formed, but a value in it cannot be accepted; see `errors`, or `provider` where the provider said so.',
      userMessage: {
        ru: 'Данные не приняты. Проверьте, что введено (сумма, телефон, код клиента, счёт), и попробуйте ещё раз. Если всё верно, сообщите в поддержку кассы.',
        en: 'The data was not accepted. Check what was entered (amount, phone, customer’s code, account) and try again. If it is all right, tell the till’s support.',
      },
    },
    'amount-scale': {
      title: 'Too many decimal places',
      detail: 'The amount has more decimal places than its currency allows. Round it before sending.',
      userMessage: tellSupport,
    },
    'unsupported-field': {
      title: 'The provider cannot take this field',
      detail: 'The provider cannot store or use a field that was sent. Omit it; see `errors`.',
      userMessage: tellSupport,
    },
    'idempotency-key-reused': {
      title: 'The key was used for another request',
      detail:
        'This `Idempotency-Key` belongs to a request with different content (`operationId`, if it made an operation). Repeat that request unchanged, or use a new key for a new intent.',
      userMessage: {
        ru: 'Касса уже отправляла другой запрос с этим же ключом, и он мог пройти; этот не выполнен. Не проводите операцию заново: сообщите в поддержку кассы.',
        en: 'The till sent another request with the same key before, and that one may have gone through; this one was not executed. Do not enter the operation again; please tell the till’s support.',
      },
    },
  }),
  ...refusedWith(429, {
    'too-many-requests': {
      retryable: true,
      title: 'Too many requests with this key',
      detail:
        'The rate limit of this API key is reached, and this request was not executed. If it repeats an earlier one, `outcome` says what is known of that. Repeat after the seconds in `Retry-After`.',
      userMessage: {
        ru: 'Слишком много запросов. Подождите несколько секунд и повторите.',
        en: 'Too many requests. Wait a few seconds and try again.',
      },
    },
  }),
};
