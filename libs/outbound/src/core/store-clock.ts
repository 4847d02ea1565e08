/** So much (ms) two hosts may disagree without anybody noticing; what is nearer is left alone, so that time never steps by a hair. */
const AGREES_MS = 500;
const LOOK_EVERY_MS = 60_000;

/** What a clock asks and tells. */
export interface ClockParts {
  /** Postgres's own time. */
  ask(): Promise<Date>;
  /** Told whenever the clocks begin to disagree, or agree again: how far Postgres's is ahead, in milliseconds. */
  moved?(aheadMs: number): void;
}

/** This process's clock, set by Postgres's: rows are stamped by both, and what is due, proven or over must not depend on whose host goes wrong. */
export class StoreClock {
  #aheadMs = 0;
  #hostOffset = hostOffset();
  #looksAgain = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(readonly parts: ClockParts) {}

  /** Looks at Postgres's clock now, and again and again until it is closed; rejects when the first look does. */
  async open(): Promise<void> {
    await this.look();
    this.#timer = setInterval(() => void this.look().catch(() => undefined), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  now(): Date {
    return new Date(Date.now() - this.#steppedMs() + this.#aheadMs);
  }

  // The host's clock may be set between two looks: what has passed since a sale was sent must not grow by that. After a
  // sleep of the host it is the other way round, so the next look is at once.
  #steppedMs(): number {
    const stepped = hostOffset() - this.#hostOffset;
    if (Math.abs(stepped) <= AGREES_MS) return 0;
    if (!this.#looksAgain) void this.#lookAgain();
    return Math.round(stepped);
  }

  async #lookAgain(): Promise<void> {
    this.#looksAgain = true;
    await this.look().catch(() => undefined);
    this.#looksAgain = false;
  }

  /** Compares the clocks; without an answer what was known last goes on. */
  async look(): Promise<void> {
    const before = performance.now();
    const store = (await this.parts.ask()).getTime();
    const tookMs = performance.now() - before;
    // The answer was written at some moment in between: only what cannot be its way is disagreement.
    const ahead = store - (Date.now() - tookMs / 2);
    const surely = Math.abs(ahead) - tookMs / 2;
    const aheadMs = surely > AGREES_MS ? Math.round(ahead) : 0;
    const moved = Math.abs(aheadMs - this.#aheadMs) > AGREES_MS;
    this.#hostOffset = hostOffset();
    this.#aheadMs = aheadMs;
    if (moved) this.parts.moved?.(aheadMs);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

// Constant until the clock is set: the other one only counts.
const hostOffset = (): number => Date.now() - performance.now();
