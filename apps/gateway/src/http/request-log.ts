import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Options } from 'pino-http';

const quiet = /^\/(healthz|readyz|metrics)/;

/** One line per answer: who, which route, what came of it. No bodies, no headers and no query, since all three carry what is secret or personal. */
export function logRequests(logger: Logger): Options {
  return {
    logger,
    genReqId: request => request.id ?? '',
    quietReqLogger: true,
    autoLogging: { ignore: request => quiet.test(request.url ?? '') },
    customLogLevel: (_, response, error) =>
      error || response.statusCode >= 500 ? 'error' : response.statusCode >= 400 ? 'warn' : 'info',
    serializers: {
      req: ({ id, method, url }: IncomingMessage) => ({ id, method, path: url?.split('?')[0] }),
      res: ({ statusCode }: ServerResponse) => ({ status: statusCode }),
    },
  };
}
