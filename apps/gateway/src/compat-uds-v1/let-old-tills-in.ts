import type { FastifyInstance } from 'fastify';
import { readTillBody } from './till-body.js';

/** Where a key stands in v1; also what marks a route of the façade. */
export const KEY_HEADER = 'x-api-key';
/** The path that old programs have compiled in; it is theirs under the old host alone. */
export const BARE_PATH = 'v1/partner';

// A type of our own: whatever a till says of its body, the façade looks for itself.
const TILL_BODY = 'application/x-uds-v1';
const OLD_HOST = /^udsgame\.com\.?(:\d+)?$/i;

/**
 * Teaches the server what only old tills need: the bare path under the old host, bodies of any or no type, and Russian
 * unless another language is asked for (v1 had no other, and old programs send no `Accept-Language`, or the `*` of their library).
 */
export function letOldTillsIn(instance: FastifyInstance): void {
  if (instance.hasContentTypeParser(TILL_BODY)) return;
  instance.addContentTypeParser(TILL_BODY, { parseAs: 'buffer' }, readTillBody);
  instance.addHook('onRoute', route => {
    if (route.url.startsWith(`/${BARE_PATH}/`)) route.constraints = { ...route.constraints, host: OLD_HOST };
  });
  instance.addHook('onRequest', async request => {
    if (request.routeOptions.config.keyHeader !== KEY_HEADER) return;
    const { headers } = request.raw;
    if (/^[\s*]*$/.test(headers['accept-language'] ?? '')) headers['accept-language'] = 'ru';
    if (request.method === 'POST') headers['content-type'] = TILL_BODY;
  });
}
