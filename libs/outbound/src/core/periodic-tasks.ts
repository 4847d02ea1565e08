import type { Core } from './core.js';

/** Tasks that repeat on a timer. A task never overlaps itself; a wake-up during a run leads to one more run. */
export class PeriodicTasks {
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  constructor(private readonly log: Core['log']) {}

  /** Runs `work` at this interval, and whenever the returned function is called. */
  every(ms: number, name: string, work: () => Promise<void>): () => void {
    let busy = false;
    let again = false;
    const wake = () => {
      if (this.#closed) return;
      if (busy) return void (again = true);
      busy = true;
      again = false;
      const run = work()
        .catch((error: unknown) =>
          this.log('warn', `${name} failed and will be retried`, { error: String(error) }),
        )
        .finally(() => {
          busy = false;
          this.#running.delete(run);
          if (again) wake();
        });
      this.#running.add(run);
    };
    // A run that takes longer than its interval is not followed by another at once.
    this.#timers.push(setInterval(() => busy || wake(), ms));
    return wake;
  }

  /** Starts nothing more and waits for running tasks. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#running);
  }
}
