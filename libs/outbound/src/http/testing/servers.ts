import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A real server on a port of its own, and what is needed to watch and end it. */
export interface RunningServer {
  port: number;
  /** `http://127.0.0.1:{port}`. */
  url: string;
  /** Connections accepted so far. */
  connections(): number;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 at a free port; `close` also ends the connections that are still open. */
export async function listen(server: Server): Promise<RunningServer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted++;
    sockets.add(socket);
    // Clients that break off are what these servers are for.
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { port, url: `http://127.0.0.1:${port}`, connections: () => accepted, close };
}

/** A server that speaks HTTP. */
export const serveHttp = (listener: RequestListener): Promise<RunningServer> =>
  listen(createHttpServer(listener));

/** A server that speaks whatever `accept` writes. */
export const serveTcp = (accept: (socket: Socket) => void): Promise<RunningServer> =>
  listen(createTcpServer(accept));

/** A server that reads the head of a request and then does with the socket what the test wants. */
export const serveRaw = (answer: (socket: Socket, requests: number) => void): Promise<RunningServer> => {
  let requests = 0;
  return serveTcp(socket =>
    socket.on('data', (chunk: Buffer) => {
      if (chunk.includes('\r\n\r\n')) answer(socket, ++requests);
    }),
  );
};
