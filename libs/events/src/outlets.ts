import axios from 'axios';
import type { Queue } from 'bullmq';
import { createSender, openBull } from '#outbound';
import type { Bull, OpenCore, Sender } from '#outbound';
import { publicStore } from './queue-names.js';

/** Receivers may stand on the other side of the world: DNS, TCP and TLS together. */
const CONNECT_TIMEOUT_MS = 5_000;

/** The ways by which events leave the gateway. Each opens when it is first used. */
export class Outlets {
  #sender?: Sender;
  #bull?: Bull;
  readonly #queues = new Map<string, Queue>();

  constructor(private readonly open: Pick<OpenCore, 'guard' | 'queues'>) {}

  /** Sockets of webhooks are no sockets of providers; every new one goes to an address that the guard has just judged. */
  get sender(): Sender {
    const { guard } = this.open;
    return (this.#sender ??= createSender({
      guard,
      axios: axios.create(),
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
    }));
  }

  /** A queue that somebody outside reads. */
  queue(name: string): Queue {
    this.#bull ??= openBull(publicStore(this.open.queues));
    const known = this.#queues.get(name) ?? this.#bull.queue(name);
    this.#queues.set(name, known);
    return known;
  }

  /** Ends requests that are still on their way, so that a stop has an end. */
  cut(): void {
    this.#sender?.close();
  }

  async close(): Promise<void> {
    this.cut();
    await this.#bull?.close();
  }
}
