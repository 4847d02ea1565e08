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
  readonly #open = new Set<Socket>();

  constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  /** Sees to it that a server which takes no new connections comes to its end. */
  endWithin({ silentMs, lastMs }: Patience): void {
    setTimeout(() => this.#endSilent(), silentMs).unref();
    setTimeout(() => this.server.closeAllConnections(), lastMs).unref();
  }

  // Proxies and browsers open connections in advance.
  #endSilent(): void {
    for (const socket of this.#open) if (socket.bytesRead === 0) socket.destroy();
  }
}
