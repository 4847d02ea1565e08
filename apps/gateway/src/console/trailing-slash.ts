import type { FastifyInstance } from 'fastify';

/** Leads `/console/` to the page at `/console`: relatively, so that a proxy may put the gateway under any path. */
export function redirectTrailingSlash(instance: Pick<FastifyInstance, 'get'>): void {
  instance.get('/console/', (_, reply) => reply.redirect('../console'));
}
