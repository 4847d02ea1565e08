import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal, readBody } from '#canonical';
import type { KeyRate } from '../auth/key-rate.js';
import type { ConnectionResolver } from '../auth/connection-resolver.js';
import { openEarly } from '../auth/current-connection.js';
import type { KeyRing } from '../auth/key-ring.js';
import { refusalOfRepeat } from '../auth/refused-repeat.js';
import { assertUtf8, readJson } from './json.js';
import type { Quotas } from './quotas.js';
import { watchWait } from './overdue.js';
import { assertGuarded } from './route-guard.js';
import type { Stopping } from '../stopping.js';
import { RequestTiming } from './timing.js';

/** Services of the checks that run before every route. */
export interface EdgeParts {
  keys: KeyRing;
  connections: ConnectionResolver;
  rate: KeyRate;
  quotas: Quotas;
  stopping: Stopping;
}

/** Checks the caller, the rate and the size of every request before its route, and before the body is read. */
export function openEdge(instance: FastifyInstance, parts: EdgeParts): void {
  instance.addHook('onRoute', route => {
    assertGuarded(route);
    const limit = route.config?.bodyLimit;
    if (limit !== undefined) route.bodyLimit = limit;
  });
  instance.addHook('onRequest', (request, reply) => admit(parts, request, reply));
  instance.addHook('onSend', async (request, reply, payload) => {
    if (request.timing) void reply.header('server-timing', request.timing.header(reply.elapsedTime));
    // While stopping, a client must not reuse the connection. If the request's body was not read, closing spares us reading
    // it to its end, which Node would do to keep the connection usable.
    if (parts.stopping.signal.aborted || hasUnreadBody(request)) void reply.header('connection', 'close');
    void reply.headers(await parts.quotas.headers(request));
    return payload;
  });
  instance.addHook('preHandler', async ({ routeOptions, body }) => {
    if (routeOptions.config.noBody) readBody(NoFields, body ?? undefined);
  });
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async ({ headers }: FastifyRequest, body: Buffer) => {
      assertUtf8(headers['content-type']!, body);
      return readJson(body, headers['content-encoding']);
    },
  );
}

class NoFields {}

const hasUnreadBody = ({ raw, headers }: FastifyRequest): boolean =>
  !raw.complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0);

async function admit(parts: EdgeParts, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { keys, rate, connections } = parts;
  void reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
  request.timing = new RequestTiming();
  const { scopes, open, keyHeader, connection, language } = request.routeOptions.config;
  const { headers } = request.raw;
  // Before anything can be refused.
  if (language && /^[\s*]*$/.test(headers['accept-language'] ?? '')) headers['accept-language'] = language;
  if (request.is404 || open || !scopes) return;
  watchWait(request, reply);
  const key = apiKeyOf(request, keyHeader);
  request.identify = () => keys.identify(key, request.ip);
  const caller = await request.identify();
  request.caller = caller;
  // Refused requests get the limit headers as well.
  request.quota = { limit: rate.perSecond, left: 0 };
  request.quota = rate.take(caller.keyId);
  void reply.header('cache-control', 'no-store');
  const missing = scopes.filter(scope => !caller.scopes.includes(scope));
  if (missing.length > 0) {
    const detail = `This call needs the scope ${missing.join(' and ')}.`;
    throw await refusalOfRepeat(keys.open.core, new Refusal('scope-missing', { detail }), {
      tenantId: caller.tenantId,
      request,
    });
  }
  if (connection) openEarly(connections, request);
}

function apiKeyOf({ headers }: FastifyRequest, keyHeader?: string): string | undefined {
  const value = keyHeader && headers[keyHeader];
  if (typeof value === 'string') return value.trim();
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
}
