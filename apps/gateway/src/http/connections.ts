import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How long a server that closes waits for its connections, in milliseconds. */
export interface Patience {
  /** For the first word of those that have said nothing yet. */
  silentMs: number;
  /** For all: what has not ended by then is cut off. */
  lastMs: number;
}

/** The connections of a server. One that closes waits for whoever is in the middle of a request, and Node counts among them who has not said a word, or only half of it. */
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
    // A process that was busy sees its timers before its sockets: what had been said by then is heard first.
    const look = () => setImmediate(() => this.#endSilent(silentMs));
    setInterval(look, silentMs).unref();
    setTimeout(() => this.server.closeAllConnections(), lastMs).unref();
  }

  // Proxies and browsers open connections in advance.
  #endSilent(silentMs: number): void {
    const before = performance.now() - silentMs;
    for (const [socket, since] of this.#open) if (socket.bytesRead === 0 && since <= before) socket.destroy();
  }
}
