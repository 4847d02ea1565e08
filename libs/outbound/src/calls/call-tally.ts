/** Calls to a provider that ended alike. */
export interface CallCount {
  provider: string;
  /** As in the log of provider calls: `done`, `refused`, `unanswered` … */
  outcome: string;
  calls: number;
  seconds: number;
}

/** How the calls of this process ended since it began, for those who watch it. */
export class CallTally {
  readonly #counts = new Map<string, CallCount>();

  note(provider: string, outcome: string, durationMs: number): void {
    const key = `${provider} ${outcome}`;
    const { calls, seconds } = this.#counts.get(key) ?? { calls: 0, seconds: 0 };
    this.#counts.set(key, { provider, outcome, calls: calls + 1, seconds: seconds + durationMs / 1000 });
  }

  get counts(): CallCount[] {
    return [...this.#counts.values()];
  }
}
