import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhenResult } from 'cockatiel';
import type { CircuitBreakerPolicy } from 'cockatiel';
import type { WhyUnanswered } from '#adapter-kit';
import { LRUCache } from 'lru-cache';
import type { ExchangeOutcome } from './exchange.js';

// A high threshold: one lost answer or a bad minute must not turn cashiers away.
const FAILURES_TO_OPEN = 20;
const OPEN_MS = 5_000;
/** For how long a trial call keeps the others back, in milliseconds: a provider that is well has answered by then. */
const TRIAL_MS = 3_000;
/** For how long nobody may have had an answer before a call that its caller cut short counts as well, in milliseconds: a slow provider has answered others by then, and a dead one nobody. */
const SURELY_SILENT_MS = 10_000;
/** After so many failures in a row, probes run one at a time: hundreds of probes of a dead provider would only load the lane and the stores. */
const FAILURES_TO_TRY_SINGLY = 3;

/** Circuit breaker of one lane in one process: callers of a dead provider are refused at once, and the lane stays free. */
export class LaneBreaker {
  #policy = this.#closed();
  #openedAt = 0;
  /** The trial that is under way, and until when it keeps the others back. */
  #trial?: { of: object; until: number };
  #silences = 0;
  /** When the first call of those that got no answer ended. */
  #silentSince = Infinity;
  #triedAt = Number.NEGATIVE_INFINITY;

  #closed(): CircuitBreakerPolicy {
    const policy = circuitBreaker(
      handleWhenResult(made => isSilence(made as ExchangeOutcome)),
      { halfOpenAfter: OPEN_MS, breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN) },
    );
    policy.onBreak(() => (this.#openedAt = performance.now()));
    return policy;
  }

  /** Calls are refused: it is open, and not due for a trial, or one is under way. */
  isOpen(): boolean {
    return this.openForMs() > 0;
  }

  get state(): 'closed' | 'open' | 'half-open' {
    if (!this.#isBroken) return 'closed';
    return this.#isDue ? 'half-open' : 'open';
  }

  get #isBroken(): boolean {
    return this.#policy.state === CircuitState.Open;
  }

  /** Its time is over: one call decides whether it closes. */
  get #isDue(): boolean {
    return this.#isBroken && performance.now() >= this.#openedAt + OPEN_MS;
  }

  /** For how long it refuses calls yet, in milliseconds; 0 = it is not open, or a trial may go out. */
  openForMs(): number {
    if (!this.#isBroken) return 0;
    const dueAt = Math.max(this.#openedAt + OPEN_MS, this.#trial?.until ?? 0);
    return Math.max(0, Math.ceil(dueAt - performance.now()));
  }

  /** Records that the call with this start may leave; in an open circuit it is the trial. */
  begin(start: object): void {
    if (this.#isBroken) this.#trial = { of: start, until: performance.now() + TRIAL_MS };
  }

  /** It did not leave after all: if it was the trial, the next call is. */
  withdraw(start: object): void {
    if (this.#trial?.of === start) this.#trial = undefined;
  }

  /** The provider was silent of late: it gets one probe at a time. */
  isSilent(): boolean {
    return this.isOpen() || this.#silences >= FAILURES_TO_TRY_SINGLY;
  }

  /** When the next probe that nobody waits for may begin, in milliseconds; 0 = now. */
  lookDueMs(): number {
    const openMs = this.openForMs();
    if (openMs > 0) return openMs;
    return this.isSilent() ? Math.max(0, Math.ceil(this.#triedAt + OPEN_MS - performance.now())) : 0;
  }

  /** The same for a probe that begins if it may, and then keeps the others back. */
  beginLookMs(): number {
    const dueMs = this.lookDueMs();
    if (dueMs === 0 && this.isSilent()) this.#triedAt = performance.now();
    return dueMs;
  }

  /** Records how a call ended; true = the provider answers again after silence. `cutShort` = its caller's wait was over before the provider's time. */
  note(made: ExchangeOutcome, cutShort = false): boolean {
    const silent = isSilence(made);
    const now = performance.now();
    this.#silentSince = silent ? Math.min(this.#silentSince, now) : Infinity;
    if (silent && cutShort && now < this.#silentSince + SURELY_SILENT_MS) return false;
    this.#trial = undefined;
    const wasSilent = this.#silences >= FAILURES_TO_TRY_SINGLY;
    this.#silences = silent ? this.#silences + 1 : 0;
    this.#feed(made, silent);
    return wasSilent && this.#silences === 0;
  }

  // Afterwards: calls of one lane overlap, and no caller must wait for the breaker. What is open goes by our clock and not by the policy's,
  // the host's, which may have been set back since.
  #feed(made: ExchangeOutcome, silent: boolean): void {
    if (!this.#isBroken) void this.#policy.execute(() => made);
    else if (this.#isDue && silent) this.#openedAt = performance.now();
    else if (this.#isDue) this.#policy = this.#closed();
  }
}

// What is too large, or cannot be read, is still an answer: other calls may be understood. A page or a text is none (told with its status):
// it comes from what stands in front of the provider, and each sale that is sent there becomes unknown.
const isSilence = (made: ExchangeOutcome): boolean =>
  made.kind === 'not-sent' || (made.kind === 'unanswered' && !made.tooLarge && !isMisread(made));

const isMisread = ({ unreadable, status }: WhyUnanswered): boolean =>
  unreadable === true && status === undefined;

// Of a lane that is not called for so long that so many others were there is nothing worth knowing.
const MOST_BREAKERS = 10_000;

/** The breakers of this process, one a lane. */
export class Breakers {
  readonly #byLane = new LRUCache<string, LaneBreaker>({ max: MOST_BREAKERS });

  of(fingerprint: string): LaneBreaker {
    let breaker = this.#byLane.get(fingerprint);
    if (!breaker) this.#byLane.set(fingerprint, (breaker = new LaneBreaker()));
    return breaker;
  }

  /** Breakers that are open or half-open. */
  get open(): number {
    return [...this.#byLane.values()].filter(({ state }) => state !== 'closed').length;
  }
}
