interface Waiting {
  go(): void;
  give(up: unknown): void;
}

/** Lets so many steps run at once and keeps the others here, where waiting does not age an answer; a failure turns everybody away. */
export class Turnstile {
  #free: number;
  readonly #ahead: Waiting[] = [];
  readonly #behind: Waiting[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Runs the step when there is room, those with precedence before all others. */
  async pass<T>(precedence: boolean, step: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await this.#room(precedence ? this.#ahead : this.#behind);
    try {
      return await step();
    } catch (error) {
      // What one met, all would meet, one time-out after the other.
      for (const waiting of [...this.#ahead.splice(0), ...this.#behind.splice(0)]) waiting.give(error);
      throw error;
    } finally {
      const next = this.#ahead.shift() ?? this.#behind.shift();
      if (next) next.go();
      else this.#free++;
    }
  }

  #room(line: Waiting[]): Promise<void> {
    return new Promise((go, give) => line.push({ go, give }));
  }
}
