import type { FastifyInstance } from 'fastify';

/** Redirects `/console/` to `/console`, with a relative path: a proxy may serve the gateway under any prefix. */
export function redirectTrailingSlash(instance: Pick<FastifyInstance, 'get'>): void {
  instance.get('/console/', (_, reply) => reply.redirect('../console'));
}
