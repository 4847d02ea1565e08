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
    logger[isFault(statusCode) ? 'error' : 'info'](facts, 'answered');
  });
}

// That a provider has no such call (501) is nobody's fault.
const isFault = (status: number): boolean => status >= 500 && status !== 501;

const NOWHERE = 'http://localhost';

function pathOf(url: string): string {
  const [path] = url.split('?');
  return redactUrl(`${NOWHERE}${path}`).slice(NOWHERE.length);
}
