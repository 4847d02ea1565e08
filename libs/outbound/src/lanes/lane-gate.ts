import { LRUCache } from 'lru-cache';
import { LaneAsker, type LaneAnswer, type Wish } from './lane-asker.js';
import { LaneLine } from './lane-line.js';
import type { LaneStore } from './lane-store.js';
import type { Lane, LaneClass, LaneRefusal, Lanes, LaneUse, Slot } from './lanes.js';
import { LONGEST_PAUSE_MS, startsRemembered, STORE_TIMEOUT_MS } from './lane-rules.js';

// Later than this against its stamp, a send would let the start of the next window come too near.
const LATE_MS = 3;

/** A stamp in the first microsecond of the store's clock. */
const LONG_AGO = 1;

// Lines that nobody stands in are only a memory of when to ask next; this many are worth keeping.
const REMEMBERED_LINES = 10_000;

/** Whose a start is. */
interface Given {
  lane: Lane;
  cls: LaneClass;
}

/** The limiter over any store: interactive callers ask for themselves, all others stand in one line per lane, law and class. */
export class LaneGate implements Lanes {
  readonly #store: LaneStore;
  readonly #asker: LaneAsker;
  readonly #lines = new LRUCache<string, LaneLine>({ max: REMEMBERED_LINES });
  readonly #given = new WeakMap<Slot, Given>();

  constructor(store: LaneStore, timeoutMs = STORE_TIMEOUT_MS) {
    this.#store = store;
    this.#asker = new LaneAsker(store, timeoutMs);
  }

  begin(): Promise<void> {
    return this.#asker.answer(this.#store.begin());
  }

  async enter(lane: Lane, cls: LaneClass, budgetMs: number): Promise<Slot | LaneRefusal> {
    const since = performance.now();
    const answer =
      cls === 'interactive'
        ? await this.#enterAlone(lane, { cls, deadline: since + budgetMs })
        : await this.#line(lane, cls).enter(since + budgetMs);
    return this.#answer({ lane, cls }, answer, since);
  }

  async again(slot: Slot, budgetMs: number): Promise<Slot | LaneRefusal> {
    const given = this.#given.get(slot);
    if (!given) throw new Error('This start is of another limiter.');
    const since = performance.now();
    const wish = { cls: given.cls, deadline: since + budgetMs, unused: slot.stamp, anew: true };
    return this.#answer(given, await this.#enterAlone(given.lane, wish), since);
  }

  #answer(given: Given, answer: LaneAnswer, since: number): Slot | LaneRefusal {
    if (!answer.granted) {
      return { granted: false, retryAfterMs: Math.max(1, Math.ceil(answer.freeAt - performance.now())) };
    }
    const { stamp, dueAt } = answer;
    const waitedMs = performance.now() - since;
    const { requests, fingerprint } = given.lane;
    const startsLeft = Math.max(0, requests - answer.used);
    const slot: Slot = { granted: true, fingerprint, stamp, waitedMs, dueAt, startsLeft };
    this.#given.set(slot, given);
    return slot;
  }

  sent(slot: Slot, writtenAt: number): void {
    const lane = this.#given.get(slot)?.lane;
    const lateMs = writtenAt - slot.dueAt;
    if (!lane || lateMs <= LATE_MS) return;
    // The call is on its way: a store that does not answer now says so at the next question.
    this.#store.move(lane, slot.stamp, slot.stamp + Math.round(lateMs * 1_000)).catch(() => undefined);
  }

  giveBack(slot: Slot): void {
    const lane = this.#given.get(slot)?.lane;
    // As if it had been used long ago. It was due, so the start that it had to keep a window's distance from is that far back by now.
    if (lane) this.#store.move(lane, slot.stamp, LONG_AGO).catch(() => undefined);
  }

  async pause(lane: Lane, ms: number): Promise<void> {
    const clamped = Math.min(Math.max(0, Math.ceil(ms) || 0), LONGEST_PAUSE_MS);
    await this.#asker.answer(this.#store.pause(lane, clamped));
  }

  async use(lanes: Lane[], withinMs?: number): Promise<LaneUse[]> {
    const uses = await this.#asker.answer(this.#store.use(lanes), withinMs);
    // Starts that lie ahead are in the log as well.
    return uses.map((use, i) => ({
      ...use,
      slotsUsed: Math.min(use.slotsUsed, startsRemembered(lanes[i]!)),
    }));
  }

  async close(): Promise<void> {
    this.#asker.close();
    await this.#store.close();
  }

  async #enterAlone(lane: Lane, wish: Wish): Promise<LaneAnswer> {
    for (let unused = wish.unused; ;) {
      const answer = await this.#asker.ask(lane, { ...wish, unused });
      if (!answer.granted) return answer;
      const { start, missed } = await this.#asker.standBy(lane, answer, wish.deadline);
      if (!missed) return start;
      unused = start.stamp;
    }
  }

  #line(lane: Lane, cls: LaneClass): LaneLine {
    // With its law: what a merchant changed holds from the next call, and connections of one credential may choose differently.
    const key = `${cls} ${lane.fingerprint} ${lane.requests} ${lane.perMs} ${lane.most}`;
    let line = this.#lines.get(key);
    if (!line) this.#lines.set(key, (line = new LaneLine(this.#asker, lane, cls)));
    return line;
  }
}
