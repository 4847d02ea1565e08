import { redactUrl } from '#outbound';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

const quiet = /^\/(healthz|readyz|metrics)($|\?)/;

/** Logs one line per answer. Bodies, headers and queries are left out, since they carry secrets and personal data; those in paths are masked. */
export function logAnswers(instance: FastifyInstance, logger: Logger): void {
  instance.addHook('onResponse', async ({ id, method, url, caller }, { statusCode, elapsedTime }) => {
    if (quiet.test(url)) return;
    const facts = {
      requestId: id,
      method,
      path: pathOf(url),
      status: statusCode,
      durationMs: Math.round(elapsedTime),
      keyId: caller?.keyId,
    };
    logger[statusCode >= 500 ? 'error' : 'info'](facts, 'answered');
  });
}

const NOWHERE = 'http://localhost';

function pathOf(url: string): string {
  const [path] = url.split('?');
  return redactUrl(`${NOWHERE}${path}`).slice(NOWHERE.length);
}
