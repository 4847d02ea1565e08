import { redactUrl } from '#outbound';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

const quiet = /^\/(healthz|readyz|metrics)($|\?)/;

/** One line per answer: which key, which path, what came of it. No bodies, no headers and no query, since all three carry what is secret or personal; what looks like it in a path is masked. */
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
