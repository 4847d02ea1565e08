import { Refusal } from '#canonical';
import { LRUCache } from 'lru-cache';

interface Bucket {
  left: number;
  at: number;
}

/** What a key has left in this second. */
export interface KeyQuota {
  limit: number;
  left: number;
}

/** Requests a second per key, in this process: a bucket that holds one second's worth. */
export class KeyRate {
  readonly #buckets = new LRUCache<string, Bucket>({ max: 10_000 });

  constructor(
    readonly perSecond: number,
    readonly now: () => number = () => performance.now(),
  ) {}

  /** Takes one request off; throws 429 when nothing is left. */
  take(keyId: string): KeyQuota {
    const now = this.now();
    const bucket = this.#buckets.get(keyId) ?? { left: this.perSecond, at: now };
    bucket.left = Math.min(this.perSecond, bucket.left + ((now - bucket.at) / 1000) * this.perSecond);
    bucket.at = now;
    this.#buckets.set(keyId, bucket);
    if (bucket.left < 1) throw new Refusal('too-many-requests', { retryAfterSeconds: 1 });
    bucket.left -= 1;
    return { limit: this.perSecond, left: Math.floor(bucket.left) };
  }
}
