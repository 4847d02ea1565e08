import { formBody, queryString } from '#adapter-kit';
import type { Context, Exchange, WireRequest } from '#adapter-kit';
import type { OpenConnection } from '../connections/connection.js';
import type { OutgoingRequest } from '../http/sent.js';

/** An exchange's request, as the adapter wrote it and as it is sent: with credentials. */
export interface BuiltRequest {
  wire: WireRequest;
  request: Omit<OutgoingRequest, 'timeoutMs'>;
}

/** Builds the request of one exchange; throws what the adapter refuses to send. */
export function buildRequest(
  connection: OpenConnection,
  { exchange, ask, context }: { exchange: Exchange; ask: unknown; context: Context },
): BuiltRequest {
  const wire = exchange.request(ask, context);
  return { wire, request: authenticated(connection, wire) };
}

function authenticated(connection: OpenConnection, request: WireRequest): Omit<OutgoingRequest, 'timeoutMs'> {
  const { adapter, credentials, settings, baseUrl } = connection;
  const proof = adapter.authenticate(credentials, settings, request);
  const form = request.form || proof.form ? formBody({ ...request.form, ...proof.form }) : undefined;
  const body = form ?? (request.json === undefined ? undefined : JSON.stringify(request.json));
  return {
    method: request.method,
    url: `${baseUrl.replace(/\/+$/, '')}${request.path}${queryString({ ...request.query, ...proof.query })}`,
    headers: {
      accept: 'application/json',
      ...(body === undefined
        ? {}
        : { 'content-type': form === undefined ? 'application/json' : 'application/x-www-form-urlencoded' }),
      ...request.headers,
      ...proof.headers,
      ...(request.bearer ? { authorization: `Bearer ${request.bearer}` } : {}),
    },
    body,
  };
}
