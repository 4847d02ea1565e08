import type { FastifyRequest } from 'fastify';
import { Refusal } from '#canonical';

/** Throws `not-found` unless the request was sent by a page of this gateway itself. */
export function assertSameOrigin({ headers, host }: Pick<FastifyRequest, 'headers' | 'host'>): void {
  const site = headers['sec-fetch-site'];
  // Browsers name the site to https and to this machine alone; to others they name the origin.
  const own = site === undefined ? hostOf(headers.origin) === host : site === 'same-origin';
  if (!own) throw new Refusal('not-found', { detail: 'Only the gateway’s own page may make this request.' });
}

function hostOf(origin: string | undefined): string | undefined {
  return origin !== undefined && URL.canParse(origin) ? new URL(origin).host : undefined;
}
