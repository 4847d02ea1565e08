import type { RouteOptions as FastifyRoute } from 'fastify';

/** Pages and files that plug-ins serve; nothing under them belongs to a tenant. */
const openPlaces = /^\/(docs|console|openapi\.json)($|[/*-])/;

/** Throws, at start, for a route that says neither whom it lets in nor that it lets everybody in. */
export function assertGuarded({
  method,
  url,
  config,
}: Pick<FastifyRoute, 'method' | 'url' | 'config'>): void {
  if (config?.open || config?.scopes?.length || openPlaces.test(url)) return;
  // Nest's middleware engine answers nothing by itself.
  if (url === '*' || url === '/*') return;
  throw new Error(`${String(method)} ${url} names no scope: put @Scopes('…') or @Public() on its method.`);
}
