import type { Queue } from 'bullmq';

/** The queues of one store, each opened at its first use. BullMQ remembers for good that a queue could not be opened: such a one is forgotten, and the next use opens it anew. */
export class KeptQueues {
  readonly #ready = new Map<string, Promise<Queue>>();
  readonly #opened = new Set<Queue>();
  #closed = false;

  constructor(private readonly open: (name: string) => Queue) {}

  /** The queue, once the store has answered; rejects where it refuses or does not answer. */
  async get(name: string): Promise<Queue> {
    if (this.#closed) throw new Error('The queues are closed.');
    const ready = this.#ready.get(name) ?? this.#begin(name);
    this.#ready.set(name, ready);
    return ready;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#opened].map(queue => queue.close()));
  }

  async #begin(name: string): Promise<Queue> {
    const queue = this.open(name);
    queue.on('error', () => undefined);
    this.#opened.add(queue);
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      this.#ready.delete(name);
      this.#opened.delete(queue);
      void queue.close().catch(() => undefined);
      throw error;
    }
  }
}
