/** How often a call is retried, and with which pauses. Pauses double, vary by half, and are never shorter than `Retry-After`. */
export interface RetryTerms {
  /** The maximum number of attempts, including the first. */
  attempts: number;
  /** The pause before the second attempt, in milliseconds. */
  firstPauseMs: number;
  /** The longest pause unless `Retry-After` demands more, in milliseconds. */
  longestPauseMs: number;
}

/** The default: six attempts in a little over ten seconds. */
export const usualRetry: RetryTerms = { attempts: 6, firstPauseMs: 250, longestPauseMs: 5_000 };

/** The time that an answer needs, even for a caller who has no time left. */
const LEAST_LOOK_MS = 1_000;

/** The attempts and the time that one caller has left. */
export class Patience {
  readonly #end: number;
  #tries = 1;

  /** `waitMs` is the total time from now on; `signal` ends it early. */
  constructor(
    private readonly terms: RetryTerms,
    waitMs: number,
    readonly signal?: AbortSignal,
  ) {
    this.#end = performance.now() + waitMs;
  }

  /** Milliseconds, never negative; 0 once the caller gave up. */
  get leftMs(): number {
    return this.signal?.aborted ? 0 : Math.max(0, this.#end - performance.now());
  }

  /** The time that one read may take, in milliseconds: the rest, but never less than an answer needs. */
  get lookMs(): number {
    return Math.max(LEAST_LOOK_MS, this.leftMs);
  }

  /** Pauses before another attempt; returns false at once if the attempts or the time would be used up. `retryAfter` is that header. */
  async again(retryAfter?: string | null): Promise<boolean> {
    if (this.#tries >= this.terms.attempts) return false;
    const usual = Math.min(this.terms.longestPauseMs, this.terms.firstPauseMs * 2 ** (this.#tries - 1));
    this.#tries++;
    // Tills that failed at the same time must not retry at the same time.
    const varied = usual * (0.75 + Math.random() / 2);
    return this.rest(Math.max(varied, askedPauseMs(retryAfter)));
  }

  /** Pauses without using up an attempt; returns false at once if the time would be used up. */
  async rest(ms: number): Promise<boolean> {
    if (ms >= this.leftMs) return false;
    await pause(ms, this.signal);
    return !this.signal?.aborted;
  }
}

function askedPauseMs(retryAfter: string | null | undefined): number {
  if (!retryAfter) return 0;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const until = Date.parse(retryAfter);
  return Number.isNaN(until) ? 0 : until - Date.now();
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}
