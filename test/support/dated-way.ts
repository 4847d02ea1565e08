import type { IncomingMessage } from 'node:http';
import { startServer } from './server.js';

/** A way to a server on which its `Date` header is lost, or becomes something else. */
export interface DatedWay {
  url: string;
  /** From now on answers carry this text as their `Date`; `undefined` = none at all. */
  date(text: string | undefined): void;
  close(): Promise<void>;
}

/** Opens such a way over HTTP to a server. */
export async function startDatedWay(target: string): Promise<DatedWay> {
  let date: string | undefined;
  const server = await startServer((request, response) => {
    response.sendDate = false;
    void pass(`${target}${request.url}`, request).then(
      ({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type, ...(date !== undefined && { date }) }).end(body);
      },
      () => request.socket.destroy(),
    );
  });
  return { ...server, date: text => (date = text) };
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
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', body };
}
