import type { EventCore } from './event-core.js';
import { Pump } from './pump.js';

/** Subscriptions that one process delivers to at once: many, since a pump whose receiver does not answer only waits. */
export const MAX_PUMPS = 64;

/** The pumps of a process. */
export class Pumps {
  readonly #running = new Set<Pump>();
  #stopping = false;

  constructor(private readonly events: EventCore) {}

  /** True once the process has been asked to stop. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** True while other subscriptions may be waiting for a pump of this process. */
  get crowded(): boolean {
    return this.#running.size >= MAX_PUMPS;
  }

  /** Delivers what is due to a subscription. Never rejects: what is due is in Postgres and will be found again. */
  async run(subscriptionId: string): Promise<void> {
    const pump = new Pump(this.events, subscriptionId, this);
    this.#running.add(pump);
    try {
      await pump.run();
    } catch (error) {
      this.events.core.log('warn', 'events could not be delivered and will be retried', {
        subscriptionId,
        error: String(error),
      });
    } finally {
      this.#running.delete(pump);
    }
  }

  /** Something may have become due: a pump whose receiver has not answered yet has the lease, so that no other one would send it. */
  look(): void {
    for (const pump of this.#running) pump.look();
  }

  /** Nothing more is sent; requests in flight go on. */
  stop(): void {
    this.#stopping = true;
  }
}
