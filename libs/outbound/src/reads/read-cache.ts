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
  /** Asks while nobody waits, shortly before the answer expires. */
  renew(): Promise<ExchangeOutcome>;
}

/** How to get a shared answer. */
export interface Sharing extends Renewal {
  /** Asks for a waiting caller, with their opened connection. */
  call(): Promise<ExchangeOutcome>;
}

const STALE_MS = 3_600_000;
/** The share of its lifetime after which an answer is renewed. */
const RENEWED_AT = 0.9;
/** An answer that was not used for this long is not renewed, in milliseconds. */
const IN_USE_MS = 1_800_000;

/** Cache of answers that may be shared for a while (a company's settings): one call at a time, renewal before expiry while in use, the last good answer while the provider is away. */
export class ReadCache {
  readonly #kept = new LRUCache<string, Kept>({ max: 5_000, ttl: STALE_MS });
  readonly #running = new Map<string, Promise<ExchangeOutcome>>();

  constructor(readonly now: () => Date) {}

  /** The cached answer, if it is younger than `seconds`. */
  fresh(key: string, seconds: number): Kept['made'] | undefined {
    const kept = this.#kept.get(key);
    if (!kept) return undefined;
    kept.usedAt = this.now().getTime();
    return kept.usedAt - kept.at < seconds * 1000 ? kept.made : undefined;
  }

  /** The cached answer while it is fresh; else a new one; else, if the call fails, a stale one of the last hour. */
  async get(key: string, { seconds, call, renew }: Sharing): Promise<ExchangeOutcome> {
    const fresh = this.fresh(key, seconds);
    if (fresh) return fresh;
    const kept = this.#kept.get(key);
    const made = await this.#once(key, call, { seconds, renew });
    if (made.kind === 'done' || made.kind === 'refused' || made.kind === 'taken') return made;
    return kept ? kept.made : made;
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

  #once(key: string, ask: () => Promise<ExchangeOutcome>, renewal: Renewal): Promise<ExchangeOutcome> {
    const running = this.#running.get(key);
    if (running) return running;
    const mine = ask()
      .then(made => {
        const stillAsked = this.#running.get(key) === mine;
        if (made.kind === 'done' && stillAsked) this.#keep(key, made, renewal);
        return made;
      })
      .finally(() => {
        if (this.#running.get(key) === mine) this.#running.delete(key);
      });
    this.#running.set(key, mine);
    return mine;
  }

  #keep(key: string, made: Kept['made'], renewal: Renewal): void {
    const at = this.now().getTime();
    const kept: Kept = { made, at, usedAt: this.#kept.get(key)?.usedAt ?? at };
    this.#kept.set(key, kept);
    setTimeout(() => this.#renew(key, kept, renewal), renewal.seconds * 1000 * RENEWED_AT).unref();
  }

  #renew(key: string, kept: Kept, renewal: Renewal): void {
    if (this.#kept.peek(key) !== kept || this.now().getTime() - kept.usedAt > IN_USE_MS) return;
    // If it fails, the next caller after expiry asks the provider.
    this.#once(key, renewal.renew, renewal).catch(() => undefined);
  }
}
