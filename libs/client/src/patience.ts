/** How often and with which pauses a call is repeated. Pauses double, vary by half, and give way to `Retry-After`. */
export interface RetryTerms {
  /** Tries in all, the first one included. */
  attempts: number;
  /** Before the second try, in milliseconds. */
  firstPauseMs: number;
  /** Never longer than this unless `Retry-After` says so, in milliseconds. */
  longestPauseMs: number;
}

/** What holds unless it is said otherwise: six tries in a good ten seconds. */
export const usualRetry: RetryTerms = { attempts: 6, firstPauseMs: 250, longestPauseMs: 5_000 };

/** An answer needs about this much, also for a caller who has no time. */
const LEAST_LOOK_MS = 1_000;

/** What one caller has left of tries and of time. */
export class Patience {
  readonly #end: number;
  #tries = 1;

  /** `waitMs` from now on for everything together; `signal` ends it early. */
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

  /** What one look may take, in milliseconds: the rest, and never less than an answer needs. */
  get lookMs(): number {
    return Math.max(LEAST_LOOK_MS, this.leftMs);
  }

  /** Pauses before a further try; false, at once, when tries or time would be over. `retryAfter` is that header. */
  async again(retryAfter?: string | null): Promise<boolean> {
    if (this.#tries >= this.terms.attempts) return false;
    const usual = Math.min(this.terms.longestPauseMs, this.terms.firstPauseMs * 2 ** (this.#tries - 1));
    this.#tries++;
    // Tills that failed together must not come back together.
    return this.rest(askedPauseMs(retryAfter) ?? usual * (0.75 + Math.random() / 2));
  }

  /** Pauses without using up a try; false, at once, when the time would be over. */
  async rest(ms: number): Promise<boolean> {
    if (ms >= this.leftMs) return false;
    await pause(ms, this.signal);
    return !this.signal?.aborted;
  }
}

function askedPauseMs(retryAfter: string | null | undefined): number | undefined {
  if (!retryAfter) return undefined;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const until = Date.parse(retryAfter);
  return Number.isNaN(until) ? undefined : Math.max(0, until - Date.now());
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
