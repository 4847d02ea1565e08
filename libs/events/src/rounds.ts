import type { Core } from '#outbound';

/** Work that comes again by itself: each kind runs once at a time, and a wake-up during a run leads to one more. */
export class Rounds {
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  constructor(private readonly log: Core['log']) {}

  /** Runs `work` every so often, and whenever the function that comes back is called. */
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
          this.log('warn', `${name} failed and comes again`, { error: String(error) }),
        )
        .finally(() => {
          busy = false;
          this.#running.delete(run);
          if (again) wake();
        });
      this.#running.add(run);
    };
    this.#timers.push(setInterval(wake, ms));
    return wake;
  }

  /** Starts nothing more and waits for what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#running);
  }
}
