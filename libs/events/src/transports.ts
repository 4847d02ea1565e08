import axios from 'axios';
import type { Queue } from 'bullmq';
import { createSender, openBull } from '#outbound';
import type { Bull, OpenCore, Sender } from '#outbound';
import { publicStore } from './queue-names.js';

/** DNS, TCP and TLS together; receivers may be on the other side of the world. */
const CONNECT_TIMEOUT_MS = 5_000;

/** How events leave the gateway: webhooks and queues. Each opens when it is first used. */
export class Transports {
  #sender?: Sender;
  #bull?: Bull;

  constructor(private readonly open: Pick<OpenCore, 'guard' | 'queues'>) {}

  /** Webhooks have their own sockets and look-ups, apart from the providers'; the guard checks the address of every new one. */
  get sender(): Sender {
    const { guard } = this.open;
    return (this.#sender ??= createSender({
      guard: { ...guard, lookup: guard.lookupAside },
      axios: axios.create(),
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
    }));
  }

  /** A public queue, read by the merchant's own worker; rejects while its store refuses or does not answer. */
  queue(name: string): Promise<Queue> {
    this.#bull ??= openBull(publicStore(this.open.queues));
    return this.#bull.queue(name);
  }

  /** Aborts requests in flight, so that a stop cannot take forever. */
  abort(): void {
    this.#sender?.close();
  }

  async close(): Promise<void> {
    this.abort();
    await this.#bull?.close();
  }
}
