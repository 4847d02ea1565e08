/** Those who sleep until a moment of `performance.now()`; closing wakes them all with an error. */
export class Sleepers {
  readonly #asleep = new Map<NodeJS.Timeout, (closed: Error) => void>();
  #closed = false;

  /** Sleeps until `at`, never less; rejects once closed. */
  async until(at: number): Promise<void> {
    // Timers count whole milliseconds and fire up to one late or early; the rest is slept again.
    for (let left = at - performance.now(); left > 0; left = at - performance.now()) {
      await this.#sleep(Math.max(1, Math.floor(left)));
    }
  }

  close(): void {
    this.#closed = true;
    for (const [timer, wake] of this.#asleep) {
      clearTimeout(timer);
      wake(new Error('The limiter is closed.'));
    }
    this.#asleep.clear();
  }

  #sleep(ms: number): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('The limiter is closed.'));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#asleep.delete(timer);
        resolve();
      }, ms);
      this.#asleep.set(timer, reject);
    });
  }
}
