import { refusedWith } from './error-row.js';

const connectionBroken = {
  ru: 'Программа лояльности временно не подключена. Проведите покупку без баллов и сообщите администратору.',
  en: 'The loyalty programme is not connected now. Sell without points and tell the administrator.',
};
const busy = {
  ru: 'Программа лояльности сейчас занята. Операция не выполнена. Повторите через несколько секунд.',
  en: 'The loyalty programme is busy. Nothing was done. Try again in a few seconds.',
};
const silent = {
  ru: 'Программа лояльности не отвечает. Операция не выполнена. Повторите через минуту или проведите покупку без баллов.',
  en: 'The loyalty programme does not answer. Nothing was done. Try again in a minute, or sell without points.',
};

/** Errors of a connection, of a provider, and of the gateway itself. */
export const providerErrors = {
  ...refusedWith(424, {
    'connection-credentials-invalid': {
      title: 'The connection’s credentials do not work',
      detail:
        'The provider refuses the connection’s credentials. Set valid ones with `POST /v1/connections/{id}/credentials`, then repeat; a write that was refused needs a new `Idempotency-Key`.',
      userMessage: connectionBroken,
    },
    'connection-account-inactive': {
      title: 'The account at the provider is not active',
      detail:
        'The provider says that the merchant’s account is inactive (for example, unpaid). Resolve this with the provider.',
      userMessage: connectionBroken,
    },
    'connection-origin-rejected': {
      title: 'The provider refuses the connection’s origin',
      detail:
        'The `origin` in the connection’s settings is not on the provider’s list of allowed origins. Correct one or the other.',
      userMessage: connectionBroken,
    },
    'end-user-token-invalid': {
      title: 'The end user has not given consent',
      detail:
        'This call acts for an end user whose consent is missing or has expired. Start a new one with `POST /v1/consent-sessions`.',
      userMessage: {
        ru: 'Клиенту нужно войти и подтвердить доступ. Попросите его сделать это и повторите.',
        en: 'The customer must sign in and give consent. Ask for that and try again.',
      },
    },
    'connection-paused': {
      title: 'The connection is paused',
      detail: 'The connection was paused. `POST /v1/connections/{id}/resume` resumes it.',
      userMessage: connectionBroken,
    },
  }),
  ...refusedWith(500, {
    'internal-error': {
      // The only refusal that may come after a write was accepted, so it promises nothing about the effect.
      outcome: 'unknown',
      title: 'The gateway failed',
      detail:
        'An internal error occurred in the gateway. If this was a write, repeat it once with the same `Idempotency-Key`: that never does it twice. If it fails again, look it up by its `merchantReference` or in `GET /v1/operations`, and give the `requestId` to the operator.',
      userMessage: {
        ru: 'Произошла внутренняя ошибка. Прежде чем повторять, проверьте, прошла ли операция.',
        en: 'An internal error occurred. Before trying again, check whether the operation went through.',
      },
    },
  }),
  ...refusedWith(501, {
    'capability-not-supported': {
      title: 'The provider cannot do this',
      detail:
        'The provider of this connection has no such call. `GET /v1/providers` lists what each provider offers.',
      userMessage: {
        ru: 'Эта программа лояльности не поддерживает такую операцию.',
        en: 'This loyalty programme does not support that.',
      },
    },
  }),
  ...refusedWith(502, {
    'provider-error': {
      retryable: true,
      title: 'The provider failed',
      detail: 'The provider answered a read with an internal error. The read can be repeated safely.',
      userMessage: silent,
    },
    'provider-contract-violation': {
      title: 'The provider’s answer cannot be read',
      detail:
        'The provider’s answer to a read contradicts its documentation. Repeating is unlikely to help; give the `requestId` to the operator.',
      userMessage: {
        ru: 'Программа лояльности ответила непонятно. Проведите покупку без баллов и сообщите администратору.',
        en: 'The loyalty programme’s answer cannot be read. Sell without points and tell the administrator.',
      },
    },
  }),
  ...refusedWith(503, {
    'lane-saturated': {
      retryable: true,
      title: 'The provider’s rate limit is used up',
      detail:
        'The lane had no free slot within the wait; nothing was sent. Repeat the request, a write with the same key, after the seconds in `Retry-After`.',
      userMessage: busy,
    },
    'circuit-open': {
      retryable: true,
      title: 'The provider has been failing',
      detail:
        'Calls are suspended briefly because the last ones failed; nothing was sent. Repeat the request, a write with the same key, after the seconds in `Retry-After`.',
      userMessage: silent,
    },
    'provider-unavailable': {
      retryable: true,
      title: 'The provider cannot be reached',
      detail:
        'The gateway could not connect to the provider; nothing was sent. Repeat the request, a write with the same key, after the seconds in `Retry-After`.',
      userMessage: silent,
    },
    'dependency-unavailable': {
      retryable: true,
      title: 'A part of the gateway is down',
      detail:
        'The gateway’s database or queue cannot be reached; nothing was accepted or sent. Repeat the request, a write with the same key, after the seconds in `Retry-After`.',
      userMessage: {
        ru: 'Сервис временно недоступен. Операция не выполнена. Повторите через минуту.',
        en: 'The service is temporarily down. Nothing was done. Try again in a minute.',
      },
    },
  }),
  ...refusedWith(504, {
    'provider-timeout': {
      retryable: true,
      title: 'The provider did not answer in time',
      detail: 'A read took too long. It can be repeated safely.',
      userMessage: silent,
    },
  }),
};
