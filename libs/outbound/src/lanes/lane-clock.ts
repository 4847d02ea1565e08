import { NEVER_US } from './lane-rules.js';
import type { LaneReply } from './lane-store.js';

/** The store's clock as far as its answers tell it: never behind, and ahead by no more than the last answer learned from was under way. */
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
