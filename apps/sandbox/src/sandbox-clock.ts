interface Later {
  at: number;
  timer: NodeJS.Timeout;
  run(): void;
}

/** The clock shared by all simulators: real time plus an offset that `/__sim/clock` sets. */
export class SandboxClock {
  #offsetMs = 0;
  readonly #waiting = new Set<Later>();

  /** `real` gives milliseconds since 1970, with fractions. */
  constructor(readonly real: () => number) {}

  get offsetMs(): number {
    return this.#offsetMs;
  }

  now(): Date {
    return new Date(this.real() + this.#offsetMs);
  }

  /** Sets the offset from real time; whatever becomes due runs at once. */
  move(offsetMs: number): void {
    this.#offsetMs = offsetMs;
    const now = this.now().getTime();
    for (const later of [...this.#waiting].sort((a, b) => a.at - b.at)) {
      if (later.at <= now) this.#run(later);
    }
  }

  /** Runs a function after a delay of this clock: by a timer, or earlier if the clock is moved past it. */
  later(delayMs: number, run: () => void): void {
    const later: Later = {
      at: this.now().getTime() + delayMs,
      timer: setTimeout(() => this.#run(later), delayMs),
      run,
    };
    this.#waiting.add(later);
  }

  /** Drops everything that has not run yet. */
  forget(): void {
    for (const { timer } of this.#waiting) clearTimeout(timer);
    this.#waiting.clear();
  }

  #run(later: Later): void {
    clearTimeout(later.timer);
    if (this.#waiting.delete(later)) later.run();
  }
}
