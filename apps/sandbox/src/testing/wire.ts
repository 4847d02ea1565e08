import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

/** What came back over the socket, whether whole or not. */
export interface Received {
  status?: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  /** How many pieces the body came in. */
  pieces: number;
  /** The socket's error code, when it broke before or inside the answer. */
  broke?: string;
}

/** What is sent: a POST when there is a body. */
export interface Sent {
  body?: unknown;
  /** A body that is no JSON, or is already written. */
  text?: string;
  method?: string;
  /** Without one, a connection of its own. */
  agent?: Agent;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** One HTTP call that never rejects: a broken connection is a result to look at. */
export function call(
  url: string,
  { body, text, method, agent, headers, signal }: Sent = {},
): Promise<Received> {
  return new Promise(resolve => {
    const received: Received = { status: undefined, headers: {}, bytes: Buffer.alloc(0), pieces: 0 };
    const settle = (error?: NodeJS.ErrnoException) =>
      resolve(error ? { ...received, broke: error.code ?? error.name } : received);
    const verb = method ?? (body === undefined ? 'GET' : 'POST');
    const json = { 'auth-token': 'secret-token', 'content-type': 'application/json', ...headers };
    const sent = request(url, { method: verb, agent: agent ?? false, headers: json, signal }, answer => {
      Object.assign(received, { status: answer.statusCode, headers: answer.headers });
      answer.on('data', (piece: Buffer) => {
        received.bytes = Buffer.concat([received.bytes, piece]);
        received.pieces += 1;
      });
      answer.on('end', () => settle()).on('error', settle);
    });
    sent.on('error', settle);
    sent.end(text ?? (body === undefined ? undefined : JSON.stringify(body)));
  });
}

/** The body as JSON. */
export const json = ({ bytes }: Received): any => JSON.parse(bytes.toString('utf8'));

/** A sandbox's control, for tests. */
export const controlOf = (url: string) => ({
  get: async (path: string) => json(await call(`${url}/__sim${path}`)),
  post: async (path: string, body: unknown) => json(await call(`${url}/__sim${path}`, { body })),
  delete: async (path: string) => json(await call(`${url}/__sim${path}`, { method: 'DELETE' })),
});
