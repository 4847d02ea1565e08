import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { SimulatedRequest, SimulatorFactory } from '#adapter-kit/testing';

const SECRET_NAME = /key|token|secret|pass|login|auth/i;

/**
 * Identifies the credential of a call without revealing it: 12 hex digits of its hash; `none` if there is none.
 * `credentialIn` says where the provider expects it.
 */
export function credentialOf(
  { headers, query }: Pick<SimulatedRequest, 'headers' | 'query'>,
  { credentialIn }: Pick<SimulatorFactory, 'credentialIn'>,
): string {
  const values = credentialIn.map(name => headers[name] ?? query.get(name));
  const shown = values.find(Boolean);
  return shown ? fingerprint(shown) : 'none';
}

const known = new LRUCache<string, string>({ max: 10_000 });

function fingerprint(secret: string): string {
  const found = known.get(secret);
  if (found) return found;
  const made = createHash('sha256').update(secret).digest('hex').slice(0, 12);
  known.set(secret, made);
  return made;
}

/** A query or form text with the values of all parameters that look like credentials replaced by `***`. */
export function redacted(text: string): string {
  return text.replace(/([^&=?]+)=([^&]*)/g, (pair, name: string) =>
    SECRET_NAME.test(name) ? `${name}=***` : pair,
  );
}

/** The same call without credentials. */
export function anonymous(request: SimulatedRequest): SimulatedRequest {
  const { accept, 'content-type': kind } = request.headers;
  const headers = { ...(accept ? { accept } : {}), ...(kind ? { 'content-type': kind } : {}) };
  const query = new URLSearchParams([...request.query].filter(([name]) => !SECRET_NAME.test(name)));
  const body = kind?.includes('x-www-form-urlencoded') ? redacted(request.body) : request.body;
  return { ...request, headers, query, body };
}
