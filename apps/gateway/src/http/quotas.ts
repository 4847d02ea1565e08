import type { FastifyRequest } from 'fastify';
import { FIGURE_WAIT_MS } from '#outbound';
import type { Lane, Lanes } from '#outbound';
import { LRUCache } from 'lru-cache';
import type { KeyQuota } from '../auth/key-rate.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the key has left; absent on public routes. */
    quota?: KeyQuota;
  }
}

const FRESH_MS = 200;

/** Says what is left of the key's and the lane's limit: `RateLimit-Policy` and `RateLimit` of the draft standard. */
export class Quotas {
  // Lanes are looked at a few times a second at most, whatever the number of answers.
  readonly #left = new LRUCache<string, Promise<number | undefined>>({ max: 10_000, ttl: FRESH_MS });

  constructor(readonly lanes: Pick<Lanes, 'use'>) {}

  /** The headers of one answer; without the lane when its store does not answer. */
  async headers({
    quota,
    timing,
  }: Pick<FastifyRequest, 'quota' | 'timing'>): Promise<Record<string, string>> {
    if (!quota) return {};
    const { lane, laneLeft } = timing;
    const policies = [`"key";q=${quota.limit};w=1`];
    const rests = [`"key";r=${quota.left};t=1`];
    const left = laneLeft ?? (lane && (await this.#look(lane)));
    if (lane && left !== undefined) {
      const seconds = Math.ceil(lane.perMs / 1000);
      policies.push(`"lane";q=${lane.requests};w=${seconds}`);
      rests.push(`"lane";r=${left};t=${seconds}`);
    }
    return { 'ratelimit-policy': policies.join(', '), ratelimit: rests.join(', ') };
  }

  #look(lane: Lane): Promise<number | undefined> {
    const known = this.#left.get(lane.fingerprint);
    if (known) return known;
    const left = this.#read(lane);
    this.#left.set(lane.fingerprint, left);
    return left;
  }

  async #read(lane: Lane): Promise<number | undefined> {
    const [use] = await this.lanes.use([lane], FIGURE_WAIT_MS).catch(() => []);
    if (!use) return undefined;
    return use.pausedMs > 0 ? 0 : Math.max(0, lane.requests - use.slotsUsed);
  }
}
