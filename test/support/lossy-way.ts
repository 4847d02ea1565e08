import type { IncomingMessage } from 'node:http';
import { startServer } from './server.js';

/** The network between a caller and a server: what it carries can be lost. */
export interface LossyWay {
  url: string;
  /** From now on so many POSTs lose their answer, after the server has done its work, or are lost before it saw them. */
  lose(what: 'answer' | 'request', count: number): void;
  /** Every request that came in, `POST /v1/purchases`, lost ones included. */
  requests: string[];
  /** The Idempotency-Keys among them, in order. */
  keys: string[];
  close(): Promise<void>;
}

/** Opens a way over HTTP to a server. */
export async function startLossyWay(target: string): Promise<LossyWay> {
  const requests: string[] = [];
  const keys: string[] = [];
  let losing: { what: 'answer' | 'request'; count: number } = { what: 'answer', count: 0 };
  const server = await startServer((request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    requests.push(`${method} ${url}`);
    if (typeof headers['idempotency-key'] === 'string') keys.push(headers['idempotency-key']);
    const lost = method === 'POST' && losing.count > 0 ? losing.what : undefined;
    if (lost) losing.count--;
    if (lost === 'request') return void request.socket.destroy();
    void pass(`${target}${url}`, request).then(
      ({ status, headers: told, body }) =>
        lost ? request.socket.destroy() : response.writeHead(status, told).end(body),
      () => request.socket.destroy(),
    );
  });
  return {
    ...server,
    requests,
    keys,
    lose: (what, count) => (losing = { what, count }),
  };
}

async function pass(url: string, request: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  // These belong to one connection, not to the request.
  const { host: _, connection: __, 'transfer-encoding': ___, ...headers } = request.headers;
  const answer = await fetch(url, {
    method: request.method,
    headers: headers as Record<string, string>,
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  });
  const body = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body };
}
