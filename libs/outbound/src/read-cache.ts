import { LRUCache } from 'lru-cache';
import type { Made } from './exchange.js';

interface Kept {
  made: Extract<Made, { kind: 'done' }>;
  at: number;
}

const STALE_MS = 3_600_000;

/** Answers that may be shared for a while (a company's settings): one call at a time for all who ask, and the last good one while the provider is away. */
export class ReadCache {
  readonly #kept = new LRUCache<string, Kept>({ max: 5_000, ttl: STALE_MS });
  readonly #running = new Map<string, Promise<Made>>();

  constructor(readonly now: () => Date) {}

  /** The kept answer when it is fresh; else the call's; else, when the call brings nothing, one that is not too old. */
  async get(key: string, seconds: number, call: () => Promise<Made>): Promise<Made> {
    const kept = this.#kept.get(key);
    if (kept && this.now().getTime() - kept.at < seconds * 1000) return kept.made;
    const made = await this.#once(key, call);
    if (made.kind === 'done' || made.kind === 'refused' || made.kind === 'taken') return made;
    return kept ? kept.made : made;
  }

  /** An answer proved out of date: the next who asks gets a new one. */
  outdate(key: string): void {
    this.#kept.delete(key);
  }

  /** Forgets everything that belongs to a connection. */
  forget(connectionId: string): void {
    for (const key of this.#kept.keys()) if (key.startsWith(connectionId)) this.#kept.delete(key);
  }

  #once(key: string, call: () => Promise<Made>): Promise<Made> {
    const running = this.#running.get(key);
    if (running) return running;
    const mine = call()
      .then(made => {
        if (made.kind === 'done') this.#kept.set(key, { made, at: this.now().getTime() });
        return made;
      })
      .finally(() => this.#running.delete(key));
    this.#running.set(key, mine);
    return mine;
  }
}
