import type { LaneAnswer, LaneAsker } from './lane-asker.js';
import type { Lane, LaneClass } from './lanes.js';

interface Waiter {
  deadline: number;
  resolve(answer: LaneAnswer): void;
  reject(error: unknown): void;
  timer?: NodeJS.Timeout;
  /** The stamp of a start that this process slept past. */
  unused?: number;
}

/** The callers of one class that wait in this process for one lane, first come first served: only the foremost asks the store, so ten thousand of them cost what one does. */
export class LaneLine {
  readonly #asker: LaneAsker;
  readonly #lane: Lane;
  readonly #cls: LaneClass;
  readonly #waiters: Waiter[] = [];
  #moving = false;
  #asking = false;
  #askAt = 0;
  #freeAt = 0;

  constructor(asker: LaneAsker, lane: Lane, cls: LaneClass) {
    this.#asker = asker;
    this.#lane = lane;
    this.#cls = cls;
  }

  /** Waits until a start is due or until no start can come before `deadline`. */
  enter(deadline: number): Promise<LaneAnswer> {
    if (deadline < this.#askAt) return Promise.resolve(this.#refusal());
    return new Promise((resolve, reject) => {
      this.#stand({ deadline, resolve, reject }, 'last');
    });
  }

  #stand(waiter: Waiter, place: 'first' | 'last'): void {
    if (place === 'first') this.#waiters.unshift(waiter);
    else this.#waiters.push(waiter);
    const left = Math.max(0, waiter.deadline - performance.now());
    waiter.timer = setTimeout(() => this.#turnAway(), Math.ceil(left));
    if (!this.#moving) void this.#move();
  }

  async #move(): Promise<void> {
    this.#moving = true;
    try {
      while (this.#waiters.length > 0) {
        await this.#asker.sleepUntil(this.#askAt);
        const foremost = this.#waiters.shift();
        if (foremost) await this.#askFor(foremost);
        this.#turnAway();
      }
    } catch (down) {
      for (const waiter of this.#waiters.splice(0)) this.#dismiss(waiter).reject(down);
    } finally {
      this.#moving = false;
    }
  }

  async #askFor(waiter: Waiter): Promise<void> {
    this.#dismiss(waiter);
    let answer: LaneAnswer;
    this.#asking = true;
    try {
      const { deadline, unused } = waiter;
      answer = await this.#asker.ask(this.#lane, { cls: this.#cls, deadline, unused });
    } catch (down) {
      waiter.reject(down);
      throw down;
    } finally {
      this.#asking = false;
    }
    this.#askAt = answer.askAt;
    this.#freeAt = answer.freeAt;
    if (answer.granted) void this.#standBy(waiter, answer);
    else if (answer.freeAt > waiter.deadline) waiter.resolve(answer);
    else this.#stand(waiter, 'first');
  }

  // Not awaited by the line: the next in it may ask while this one sleeps until its slot.
  async #standBy(waiter: Waiter, answer: LaneAnswer): Promise<void> {
    try {
      const { start, missed } = await this.#asker.standBy(this.#lane, answer, waiter.deadline);
      if (missed) this.#stand({ ...waiter, unused: start.stamp }, 'first');
      else waiter.resolve(start);
    } catch (down) {
      waiter.reject(down);
    }
  }

  // While a question is out nobody knows when the next start is; who runs out of time then is told after its answer.
  #turnAway(): void {
    if (this.#asking) return;
    const now = performance.now();
    for (let i = this.#waiters.length - 1; i >= 0; i--) {
      const waiter = this.#waiters[i];
      if (!waiter || waiter.deadline > now) continue;
      this.#waiters.splice(i, 1);
      this.#dismiss(waiter).resolve(this.#refusal());
    }
  }

  #dismiss(waiter: Waiter): Waiter {
    clearTimeout(waiter.timer);
    return waiter;
  }

  #refusal(): LaneAnswer {
    return {
      granted: false,
      stamp: 0,
      givenAt: 0,
      used: this.#lane.requests,
      dueAt: 0,
      sendAt: 0,
      freeAt: this.#freeAt,
      askAt: this.#askAt,
    };
  }
}
