import { LRUCache } from 'lru-cache';
import type { Made } from './exchange.js';

interface Kept {
  made: Extract<Made, { kind: 'done' }>;
  at: number;
  /** When somebody last asked for it. */
  usedAt: number;
}

/** How a shared answer is had. */
export interface Sharing {
  /** How long it is as good as new. */
  seconds: number;
  /** Asks for somebody who waits. */
  call(): Promise<Made>;
  /** Asks while nobody waits, shortly before the answer is out of date. */
  renew(): Promise<Made>;
}

const STALE_MS = 3_600_000;
/** The share of its time after which an answer is had anew. */
const RENEWED_AT = 0.9;
/** What nobody asked for in so long is not had anew, in milliseconds. */
const IN_USE_MS = 1_800_000;

/** Answers that may be shared for a while (a company's settings): one call at a time for all who ask, a new one before the old one's time is over while it is in use, and the last good one while the provider is away. */
export class ReadCache {
  readonly #kept = new LRUCache<string, Kept>({ max: 5_000, ttl: STALE_MS });
  readonly #running = new Map<string, Promise<Made>>();

  constructor(readonly now: () => Date) {}

  /** The kept answer when it is fresh; else the call's; else, when the call brings nothing, one that is not too old. */
  async get(key: string, sharing: Sharing): Promise<Made> {
    const kept = this.#kept.get(key);
    if (kept) kept.usedAt = this.now().getTime();
    if (kept && kept.usedAt - kept.at < sharing.seconds * 1000) return kept.made;
    const made = await this.#once(key, sharing, 'call');
    if (made.kind === 'done' || made.kind === 'refused' || made.kind === 'taken') return made;
    return kept ? kept.made : made;
  }

  /** An answer proved out of date: the next who asks gets a new one. */
  outdate(key: string): void {
    this.#kept.delete(key);
    this.#running.delete(key);
  }

  /** Forgets everything that belongs to a connection. */
  forget(connectionId: string): void {
    for (const key of [...this.#kept.keys(), ...this.#running.keys()])
      if (key.startsWith(connectionId)) this.outdate(key);
  }

  #once(key: string, sharing: Sharing, how: 'call' | 'renew'): Promise<Made> {
    const running = this.#running.get(key);
    if (running) return running;
    const mine = sharing[how]()
      .then(made => {
        const stillAsked = this.#running.get(key) === mine;
        if (made.kind === 'done' && stillAsked) this.#keep(key, made, sharing);
        return made;
      })
      .finally(() => {
        if (this.#running.get(key) === mine) this.#running.delete(key);
      });
    this.#running.set(key, mine);
    return mine;
  }

  #keep(key: string, made: Kept['made'], sharing: Sharing): void {
    const at = this.now().getTime();
    const kept: Kept = { made, at, usedAt: this.#kept.get(key)?.usedAt ?? at };
    this.#kept.set(key, kept);
    setTimeout(() => this.#renew(key, kept, sharing), sharing.seconds * 1000 * RENEWED_AT).unref();
  }

  #renew(key: string, kept: Kept, sharing: Sharing): void {
    if (this.#kept.peek(key) !== kept || this.now().getTime() - kept.usedAt > IN_USE_MS) return;
    // Without a new one it stays as it is, and the next who asks when its time is over asks the provider.
    this.#once(key, sharing, 'renew').catch(() => undefined);
  }
}
