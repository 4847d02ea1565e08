import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How long a closing server waits for its connections, in milliseconds. */
export interface Patience {
  /** For the first byte on a connection that has sent nothing yet. */
  silentMs: number;
  /** For all: a connection that is still open then is closed. */
  lastMs: number;
}

/** The connections of a server. A closing server waits for requests in progress; Node counts among them a connection that has sent nothing, or only part of a request. */
export class Connections {
  /** Start of each connection, by `performance.now()`. */
  readonly #open = new Map<Socket, number>();

  constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#open.set(socket, performance.now());
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  /** Ensures that a closing server ends. */
  endWithin({ silentMs, lastMs }: Patience): void {
    // A busy process runs its timers before it reads its sockets: bytes that have already arrived are read first.
    const check = () => setImmediate(() => this.#endSilent(silentMs));
    setInterval(check, silentMs).unref();
    setTimeout(() => this.server.closeAllConnections(), lastMs).unref();
  }

  // Proxies and browsers open connections in advance.
  #endSilent(silentMs: number): void {
    const latestStart = performance.now() - silentMs;
    for (const [socket, start] of this.#open)
      if (socket.bytesRead === 0 && start <= latestStart) socket.destroy();
  }
}
