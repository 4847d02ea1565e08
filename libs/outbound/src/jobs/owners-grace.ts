import { LEASE_MS, RENEW_EVERY_MS } from '../core/timeouts.js';

/** A shorter silence of Postgres, in milliseconds, ends no lease of a living process: of each that it renews, three seconds are left. */
const LATE_MS = LEASE_MS - 3 * RENEW_EVERY_MS;

/** Tells when rows whose lease has ended are still left to their processes: Postgres was away or stood still, so that they could not renew it. */
export class OwnersGrace {
  #until = -Infinity;

  /** Makes a read of a sweep. One that fails, or answers late, gives the owners time. */
  async during<T>(read: () => Promise<T>): Promise<T> {
    const beganAt = performance.now();
    let inTime = false;
    try {
      const answer = await read();
      inTime = performance.now() - beganAt < LATE_MS;
      return answer;
    } finally {
      if (!inTime) this.#until = performance.now() + LEASE_MS;
    }
  }

  get isOn(): boolean {
    return performance.now() < this.#until;
  }
}
