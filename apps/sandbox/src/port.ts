import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** The listening side of a server: it can refuse connections for a while and open again at the same port. */
export class Port {
  readonly host: string;
  readonly #sockets = new Set<Socket>();
  #number: number;
  #reopening: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(
    private readonly server: Server,
    wanted: { port: number; host: string },
  ) {
    this.host = wanted.host;
    this.#number = wanted.port;
    server.on('connection', socket => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  get number(): number {
    return this.#number;
  }

  get url(): string {
    return `http://${this.host.includes(':') ? `[${this.host}]` : this.host}:${this.#number}`;
  }

  get open(): boolean {
    return this.server.listening;
  }

  /** Rejects when the port is taken. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.#number, this.host, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    this.#number = (this.server.address() as AddressInfo).port;
  }

  /** Refuses new connections for a while and drops idle ones; calls in flight are finished. */
  shutFor(ms: number): void {
    clearTimeout(this.#reopening);
    if (this.server.listening) this.server.close();
    this.server.closeIdleConnections();
    const reopen = () => void this.reopen().catch((error: unknown) => console.error('sandbox:', error));
    this.#reopening = setTimeout(reopen, ms);
  }

  /** Listens again if it does not already. */
  async reopen(): Promise<void> {
    clearTimeout(this.#reopening);
    if (!this.server.listening && !this.#ended) await this.listen();
  }

  /** Stops for good. Connections still open belong to injected faults, because correct answers are sent in one go. */
  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#reopening);
    const ended = this.server.listening
      ? new Promise<void>(resolve => this.server.close(() => resolve()))
      : Promise.resolve();
    for (const socket of this.#sockets) socket.destroy();
    await ended;
  }
}
