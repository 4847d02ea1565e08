import type { Worker } from 'bullmq';
import type { Core } from '../core/core.js';

/** After how long a worker that could not be opened is made anew, in milliseconds. */
const AGAIN_MS = 1_000;

/**
 * The workers of one store. BullMQ's worker remembers for good that it could not be opened, and then asks on without a pause, so that
 * no timer of the process runs any more: these take jobs only once the store has answered, and are made anew until it has.
 */
export class KeptWorkers {
  readonly #opened = new Set<Worker>();
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(private readonly log: Core['log']) {}

  /** Opens a worker with `autorun: false`, after those before it: each needs connections of its own, and the store may have few. */
  start(open: () => Worker): void {
    this.#turn = this.#turn.then(() => this.#begin(open));
  }

  /** Opens no more of them; resolves when none is being opened. */
  async settle(): Promise<void> {
    this.#closed = true;
    await this.#turn;
  }

  /** `force` = without waiting for the jobs that run. */
  async close(force = false): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#opened].map(worker => worker.close(force)));
  }

  async #begin(open: () => Worker): Promise<void> {
    if (this.#closed) return;
    const worker = open();
    // A store that is away for a moment is not worth a crash: BullMQ comes back by itself, the sweep behind it misses nothing.
    worker.on('error', () => undefined);
    this.#opened.add(worker);
    const again = (error: unknown) => this.#beginAnew(worker, open, error);
    const run = () => void (this.#closed || worker.run().catch(again));
    await worker.waitUntilReady().then(run, again);
  }

  #beginAnew(worker: Worker, open: () => Worker, error: unknown): void {
    if (this.#closed) return;
    this.log('warn', 'a worker could not be opened and is made anew', {
      queue: worker.name,
      error: String(error),
    });
    this.#opened.delete(worker);
    void worker.close(true).catch(() => undefined);
    setTimeout(() => this.start(open), AGAIN_MS).unref();
  }
}
