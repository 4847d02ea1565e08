import type { FastifyInstance } from 'fastify';
import { readTillBody } from './till-body.js';

/** The header of the key in v1; also marks a façade route. */
export const KEY_HEADER = 'x-api-key';
/** The path compiled into old programs; used only under the old host. */
export const BARE_PATH = 'v1/partner';

// A private media type: the façade detects the body's format itself, whatever the till declares.
const TILL_BODY = 'application/x-uds-v1';
const OLD_HOST = /^udsgame\.com\.?(:\d+)?$/i;

/** Server behaviour that only old tills need: the bare path under the old host, and bodies of any or no type. */
export function letOldTillsIn(instance: FastifyInstance): void {
  if (instance.hasContentTypeParser(TILL_BODY)) return;
  instance.addContentTypeParser(TILL_BODY, { parseAs: 'buffer' }, readTillBody);
  instance.addHook('onRoute', route => {
    if (route.url.startsWith(`/${BARE_PATH}/`)) route.constraints = { ...route.constraints, host: OLD_HOST };
  });
  instance.addHook('onRequest', async request => {
    if (request.routeOptions.config.keyHeader !== KEY_HEADER) return;
    if (request.method === 'POST') request.raw.headers['content-type'] = TILL_BODY;
  });
}
