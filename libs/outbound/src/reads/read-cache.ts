import { LRUCache } from 'lru-cache';
import type { ExchangeOutcome } from '../calls/exchange.js';

interface Kept {
  made: Extract<ExchangeOutcome, { kind: 'done' }>;
  at: number;
  /** When somebody last asked for it. */
  usedAt: number;
}

/** How a shared answer is renewed; kept as long as the answer, so that nothing of a caller may stand in it. */
interface Renewal {
  /** How long the answer is fresh. */
  seconds: number;
  /** Whether the answer is worth keeping; each one is unless told. */
  keeps?(result: unknown): boolean;
  /** Asks while nobody waits, shortly before the answer expires. */
  renew(): Promise<ExchangeOutcome>;
}

/** How urgent a call is, and how long its caller waits. */
interface Patience {
  /** Of its lane class: a call of a smaller rank gets its turn first. */
  rank: number;
  /** `performance.now()` at which the caller has given up. */
  until: number;
}

/** How to get a shared answer. */
export interface Sharing extends Renewal, Patience {
  /** Asks for a waiting caller, with their opened connection. */
  call(): Promise<ExchangeOutcome>;
}

/** A call that is on its way. */
interface Running extends Patience {
  made: Promise<ExchangeOutcome>;
}

const STALE_MS = 3_600_000;
/** The share of its lifetime after which an answer is renewed. */
const RENEWED_AT = 0.9;
/** An answer that was not used for this long is not renewed, in milliseconds. */
const IN_USE_MS = 1_800_000;
/** Nobody waits for a renewal, and every caller's own call gets its turn first. */
const UNHURRIED: Patience = { rank: Infinity, until: Infinity };

/** Cache of answers that may be shared for a while (a company's settings): one call at a time, renewal before expiry while in use, the last good answer while the provider is away. */
export class ReadCache {
  readonly #kept = new LRUCache<string, Kept>({ max: 5_000, ttl: STALE_MS });
  readonly #running = new Map<string, Running>();

  constructor(readonly now: () => Date) {}

  /** The cached answer, if it is younger than `seconds`. */
  fresh(key: string, seconds: number): Kept['made'] | undefined {
    const kept = this.#kept.get(key);
    if (!kept) return undefined;
    kept.usedAt = this.now().getTime();
    return kept.usedAt - kept.at < seconds * 1000 ? kept.made : undefined;
  }

  /** The cached answer while it is fresh; else a new one; else, if the call fails, a stale one of the last hour. */
  async get(key: string, sharing: Sharing): Promise<ExchangeOutcome> {
    const fresh = this.fresh(key, sharing.seconds);
    if (fresh) return fresh;
    const made = await this.#share(key, sharing);
    if (made.kind === 'done' || made.kind === 'refused' || made.kind === 'taken') return made;
    return this.#kept.get(key)?.made ?? made;
  }

  /** Joins a call that gets its turn at least as soon as one of the caller's own would. What its caller had no time for is asked again by whoever has. */
  async #share(key: string, sharing: Sharing): Promise<ExchangeOutcome> {
    const { rank, until, call } = sharing;
    for (;;) {
      const running = this.#running.get(key);
      if (!running || running.rank > rank) return this.#start(key, { rank, until }, call, sharing);
      const made = await inTime(running.made, until);
      const hasMoreTime = running.until < until && performance.now() < until;
      if (!hasMoreTime || (made.kind !== 'no-slot' && made.kind !== 'unanswered')) return made;
    }
  }

  /** Drops an answer that proved out of date. */
  outdate(key: string): void {
    this.#kept.delete(key);
    this.#running.delete(key);
  }

  /** Drops everything of one connection. */
  forget(connectionId: string): void {
    for (const key of [...this.#kept.keys(), ...this.#running.keys()])
      if (key.startsWith(connectionId)) this.outdate(key);
  }

  #start(
    key: string,
    patience: Patience,
    ask: () => Promise<ExchangeOutcome>,
    renewal: Renewal,
  ): Promise<ExchangeOutcome> {
    const isMine = () => this.#running.get(key) === mine;
    const made = ask()
      .then(answer => {
        if (answer.kind === 'done' && isMine() && renewal.keeps?.(answer.result) !== false)
          this.#keep(key, answer, renewal);
        return answer;
      })
      .finally(() => {
        if (isMine()) this.#running.delete(key);
      });
    const mine = { ...patience, made };
    this.#running.set(key, mine);
    return made;
  }

  #keep(key: string, made: Kept['made'], renewal: Renewal): void {
    const at = this.now().getTime();
    const kept: Kept = { made, at, usedAt: this.#kept.get(key)?.usedAt ?? at };
    this.#kept.set(key, kept);
    setTimeout(() => this.#renew(key, kept, renewal), renewal.seconds * 1000 * RENEWED_AT).unref();
  }

  #renew(key: string, kept: Kept, renewal: Renewal): void {
    if (this.#kept.peek(key) !== kept || this.now().getTime() - kept.usedAt > IN_USE_MS) return;
    if (this.#running.has(key)) return;
    // If it fails, the next caller after expiry asks the provider.
    this.#start(key, UNHURRIED, renewal.renew, renewal).catch(() => undefined);
  }
}

/** The answer, for a caller who waits until then and no longer. */
async function inTime(made: Promise<ExchangeOutcome>, until: number): Promise<ExchangeOutcome> {
  if (until === Infinity) return made;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<ExchangeOutcome>(resolve => {
    const reason = 'No answer came within the wait to the same question that was asked before.';
    timer = setTimeout(
      () => resolve({ kind: 'unanswered', reason, overdue: true }),
      until - performance.now(),
    );
  });
  return Promise.race([made, over]).finally(() => clearTimeout(timer));
}
