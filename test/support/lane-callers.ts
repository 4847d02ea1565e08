import { randomUUID } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Lane, LaneClass, Lanes, Slot } from '../../libs/outbound/src/lanes/lanes.js';
import type { LaneWorld } from './lane-worlds.js';

/** A window (ms) longer than any test: a full lane stays full, however slow the machine is. */
export const LONG = 30_000;

/** The largest margin of a window (ms): that of a bursting class, in Postgres. */
export const WIDEST_MS = 27;

/** Helpers of the lane specs for one store; new limiters for every test. */
export class LaneCallers {
  world!: LaneWorld;
  lanes!: Lanes;
  #open: { close(): Promise<void> }[] = [];

  /** Registers the hooks of the enclosing `describe`. */
  constructor(create: () => Promise<LaneWorld>) {
    beforeAll(async () => {
      this.world = await create();
    });
    beforeEach(async () => {
      this.lanes = this.closing(this.world.limiter());
      await this.world.settle();
    });
    afterEach(() => Promise.all(this.#open.splice(0).map(each => each.close())));
    afterAll(() => this.world.close());
  }

  /** Registers something to be closed at the end of the test. */
  closing<T extends { close(): Promise<void> }>(opened: T): T {
    this.#open.push(opened);
    return opened;
  }

  lane(perMs: number, requests = 5): Lane {
    return { fingerprint: randomUUID(), requests, perMs };
  }

  /** Enters and expects a start. */
  async start(where: Lane, cls: LaneClass = 'interactive', budgetMs = 20_000): Promise<Slot> {
    const slot = await this.lanes.enter(where, cls, budgetMs);
    if (!slot.granted) throw new Error(`refused for ${slot.retryAfterMs} ms`);
    return slot;
  }

  /** Enters and expects a refusal; returns the retry time in milliseconds. */
  async refusal(where: Lane, cls: LaneClass = 'interactive', budgetMs = 0): Promise<number> {
    const slot = await this.lanes.enter(where, cls, budgetMs);
    if (slot.granted) throw new Error('granted');
    return slot.retryAfterMs;
  }

  async fill(where: Lane, starts = where.requests): Promise<Slot[]> {
    const slots: Slot[] = [];
    while (slots.length < starts) slots.push(await this.start(where));
    return slots;
  }
}

/** The shortest time with one start more than the limit, in microseconds of the store's clock. */
export function tightest(stamps: number[], limit = 5): number {
  const sorted = stamps.toSorted((a, b) => a - b);
  return Math.min(...sorted.slice(limit).map((stamp, i) => stamp - sorted[i]!));
}

/** Whether values are in ascending order, Infinity last. */
export const isSorted = (numbers: number[]): boolean =>
  numbers.every((each, i) => i === 0 || numbers[i - 1]! <= each);

// Below the limiter's own threshold for being late.
const LATE_NS = 40_000_000;

/** Runs of which one must have a right result although this process was not late: the store, or the machine, may have been. */
const MOST_RUNS = 3;

/** Repeats a run whose result is wrong while this process was late: a caller that overslept asks out of turn. */
export async function punctually<T>(run: () => Promise<T>, good: (outcome: T) => boolean): Promise<T> {
  for (let runs = 0; ;) {
    const lateness = monitorEventLoopDelay({ resolution: 1 });
    lateness.enable();
    const outcome = await run();
    lateness.disable();
    if (lateness.max < LATE_NS) runs++;
    if (good(outcome) || runs >= MOST_RUNS) return outcome;
  }
}

/** An event loop that does not turn, as in a long garbage collection. */
export function stall(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
