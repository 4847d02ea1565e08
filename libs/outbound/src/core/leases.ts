import type { Claim } from '#persistence';
import type { Core } from './core.js';
import { KEPT_MS, RENEW_EVERY_MS } from './timeouts.js';

/** A row that this process works on. */
interface Kept {
  claim: Claim;
  /** When its lease began, on the monotonic clock. */
  leasedAt: number;
}

/** Renewals that may be under way together: one over a connection that has died fails only after 20 seconds, and others must go on meanwhile. */
const MOST_AT_ONCE = 2;

/** Renews the leases of the rows that this process works on, so that a lease is short: rows are free soon after their process died. */
export class Leases {
  readonly #kept = new Map<string, Kept>();
  readonly #timer: NodeJS.Timeout;
  #underWay = 0;

  constructor(
    private readonly renew: (claims: readonly Claim[]) => Promise<void>,
    private readonly log: Core['log'],
  ) {
    this.#timer = setInterval(() => void this.renewDue(), RENEW_EVERY_MS);
    this.#timer.unref();
  }

  /** From now on renewed, for 20 seconds at most: work that never ends must not keep its row for ever. */
  keep(claim: Claim): void {
    this.#kept.set(claim.id, { claim, leasedAt: performance.now() });
  }

  /** Whether this process works on the row: alive, it is about to write what it knows, whatever became of the lease. */
  keeps(id: string): boolean {
    const kept = this.#kept.get(id);
    return kept !== undefined && performance.now() - kept.leasedAt < KEPT_MS;
  }

  /** The work on it ended. */
  drop({ id, fence }: Claim): void {
    if (this.#kept.get(id)?.claim.fence === fence) this.#kept.delete(id);
  }

  /** Renews what has been held for a while; most work ends before. */
  async renewDue(): Promise<void> {
    const now = performance.now();
    for (const id of this.#kept.keys()) if (!this.keeps(id)) this.#kept.delete(id);
    const due = [...this.#kept.values()].filter(({ leasedAt }) => now - leasedAt >= RENEW_EVERY_MS);
    if (this.#underWay >= MOST_AT_ONCE || due.length === 0) return;
    this.#underWay++;
    try {
      await this.renew(due.map(({ claim }) => claim));
    } catch (error) {
      this.log('warn', 'leases could not be renewed', { rows: due.length, error: String(error) });
    } finally {
      this.#underWay--;
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
