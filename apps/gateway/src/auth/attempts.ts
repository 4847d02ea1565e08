import { Refusal } from '#canonical';
import { LRUCache } from 'lru-cache';

const WINDOW_MS = 60_000;
const MOST_FAILURES = 30;
/** Whoever guesses from more places than this pushes out their own oldest traces: memory stays bounded. */
const MOST_PLACES = 20_000;

/** Counts keys that were refused, by address and by the beginning of the key, and turns guessers away for a minute. */
export class Attempts {
  readonly #failures = new LRUCache<string, number>({ max: MOST_PLACES, ttl: WINDOW_MS, noUpdateTTL: true });

  /** Whether too many keys from one of these places were refused in the last minute. */
  many(...places: string[]): boolean {
    return places.some(place => (this.#failures.get(place) ?? 0) >= MOST_FAILURES);
  }

  /** Throws 429 when too many keys from one of these places were refused in the last minute. */
  assertFew(...places: string[]): void {
    for (const place of places) {
      if (!this.many(place)) continue;
      const seconds = Math.max(1, Math.ceil(this.#failures.getRemainingTTL(place) / 1000));
      throw new Refusal('too-many-requests', {
        detail: `Too many invalid keys were sent from this address. Try again in ${seconds} s with a valid one.`,
        retryAfterSeconds: seconds,
      });
    }
  }

  failed(...places: string[]): void {
    for (const place of places) this.#failures.set(place, (this.#failures.get(place) ?? 0) + 1);
  }
}
