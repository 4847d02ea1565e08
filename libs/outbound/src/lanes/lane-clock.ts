import { NEVER_US } from './lane-rules.js';
import type { LaneReply } from './lane-store.js';

/** An estimate of the store's clock: never behind it, and ahead by at most the time that the last answer was under way. */
export class LaneClock {
  #aheadUs: number | undefined;

  learn({ at, sentAt }: Pick<LaneReply, 'at' | 'sentAt'>): void {
    this.#aheadUs = at - sentAt * 1_000;
  }

  /** What the store's clock shows in so many milliseconds, in microseconds; `NEVER_US` while no answer was seen. */
  in(ms: number): number {
    return this.#aheadUs === undefined
      ? NEVER_US
      : Math.round(this.#aheadUs + (performance.now() + ms) * 1_000);
  }
}
