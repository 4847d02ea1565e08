import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GatewayEvent } from '#canonical';

/** A received webhook request. */
export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  event: GatewayEvent;
}

/** A merchant's server for webhooks. */
export interface Receiver {
  url: string;
  received: Received[];
  /** Sets its answer from now on. */
  answer(
    how: (
      received: Received,
      earlier: number,
    ) => number | { status: number; headers: Record<string, string>; body?: string },
  ): void;
  close(): Promise<void>;
}

/** Starts one on a free port; it answers 204 by default. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const seen = new Map<string, number>();
  let answer: Parameters<Receiver['answer']>[0] = () => 204;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const event = JSON.parse(body) as GatewayEvent;
      const one = { path: request.url ?? '', headers: request.headers, body, event };
      received.push(one);
      const earlier = seen.get(event.id) ?? 0;
      seen.set(event.id, earlier + 1);
      const said = answer(one, earlier);
      if (typeof said === 'number') response.writeHead(said).end();
      else response.writeHead(said.status, said.headers).end(said.body ?? 'a page that nobody keeps');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    received,
    answer: how => (answer = how),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
