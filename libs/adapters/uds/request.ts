import { createHash } from 'node:crypto';
import type { Context, WireRequest } from '#adapter-kit';
import type { UdsSettings } from './settings.js';

/** The context of a UDS exchange. */
export type UdsContext = Context<UdsSettings>;

/** A request with the headers that UDS requires in every call. */
export function udsRequest(request: Omit<WireRequest, 'headers'>, context: UdsContext): WireRequest {
  const headers = {
    Accept: 'application/json',
    'Accept-Charset': 'utf-8',
    ...(request.json === undefined ? {} : { 'Content-Type': 'application/json' }),
    'X-Origin-Request-Id': requestId(request, context),
    'X-Timestamp': context.now.toISOString(),
    ...(context.language ? { 'Accept-Language': context.language } : {}),
  };
  return { ...request, headers };
}

// UDS: a UUID v4, never used twice, not even by a repeat. Derived from what makes this send unique, because an adapter uses no
// random numbers; nothing depends on it.
function requestId(request: Omit<WireRequest, 'headers'>, { operationId, nonce, now }: UdsContext): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([operationId, nonce, now, request]))
    .digest('hex');
  const variant = '89ab'[parseInt(hex.charAt(16), 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
