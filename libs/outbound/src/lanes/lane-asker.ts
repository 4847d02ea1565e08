import { type Lane, type LaneClass, LaneStoreDown } from './lanes.js';
import type { LaneLook, LaneReply, LaneStore } from './lane-store.js';
import { LaneClock } from './lane-clock.js';
import { LEAD_US, termsForNewStart, termsOf, UNSEEN_US, type LaneTerms } from './lane-rules.js';
import { Sleepers } from './sleepers.js';
import { Turnstile } from './turnstile.js';

/** The store's answer in this process's clock (`performance.now()`). */
export interface LaneAnswer {
  granted: boolean;
  /** The stamp in the store's clock, in microseconds; 0 when refused. */
  stamp: number;
  /** When the stamp was given, in the store's clock, in microseconds. */
  givenAt: number;
  /** The earliest moment that the stamp can stand for here. Lateness is counted from it, so the time that the answer was under way counts as late. */
  dueAt: number;
  /** When the caller may send: the latest moment that the stamp can stand for here. */
  sendAt: number;
  /** Starts in the window as the store counted them. */
  used: number;
  /** When the next start is free for this class. */
  freeAt: number;
  /** When the next question is worth asking. */
  askAt: number;
}

/** An answer that took longer, in milliseconds, no longer says when its slot is; a wake-up that came later has missed it. */
export const STALE_MS = 50;

// How long before its time a start that lies far ahead is looked at again, in milliseconds: longer than a store takes to answer.
const LOOK_AHEAD_MS = 30;

// So many stale answers in a row at the end of the budget, and the store is too far away to keep a limit with.
const STALE_ANSWERS = 5;

/** What somebody wants of a lane. */
export interface Wish {
  cls: LaneClass;
  /** The last moment for a start (`performance.now()`). */
  deadline: number;
  /** The stamp of a start that is given back. */
  unused?: number;
  /** The start was given already, and passed before it could be used. */
  anew?: boolean;
}

/** Puts questions to the store: translates its clock, drops what came too late, and calls a silent store down. */
export class LaneAsker {
  readonly #store: LaneStore;
  readonly #turnstile: Turnstile;
  readonly #timeoutMs: number;
  readonly #clock = new LaneClock();
  readonly #sleepers = new Sleepers();

  constructor(store: LaneStore, timeoutMs: number) {
    this.#store = store;
    this.#turnstile = new Turnstile(store.atOnce);
    this.#timeoutMs = timeoutMs;
  }

  /** Asks for a start before the deadline, giving an unused one back; a grant is reserved in the store, a refusal left nothing there. */
  async ask(lane: Lane, { cls, deadline, unused = 0, anew = false }: Wish): Promise<LaneAnswer> {
    const termsFor = anew ? termsForNewStart : termsOf;
    const first = anew || cls === 'interactive';
    for (let attempt = 1; ; attempt++) {
      const given = unused;
      const { reply, overdue } = await this.#turnstile.pass(first, () =>
        this.#put(lane, termsFor(lane, cls, deadline - performance.now(), given)),
      );
      const now = performance.now();
      const prompt = now - reply.sentAt <= STALE_MS;
      // Overdue, and yet answered in time: the store's clock was set forward, and is known again.
      if (prompt || overdue) this.#clock.learn(reply);
      if (!overdue && (prompt || !reply.granted)) return here(reply, now);
      if (attempt >= STALE_ANSWERS && now > deadline) break;
      unused = reply.stamp;
    }
    throw new LaneStoreDown(new Error(`No answer came within ${STALE_MS} ms.`));
  }

  // A question that is held up on its way, as by a store that stands still, must not reserve a start when nobody waits for it any more.
  async #put(lane: Lane, terms: LaneTerms): Promise<{ reply: LaneReply; overdue: boolean }> {
    const notAfter = this.#clock.in(this.#timeoutMs);
    const reply = await this.answer(this.#store.ask(lane.fingerprint, { ...terms, notAfter }));
    return { reply, overdue: reply.at > notAfter };
  }

  /** Sleeps until the start is due, which may become later meanwhile; it is missed when it stands no more, or the process woke too late for it. */
  async standBy(
    lane: Lane,
    given: LaneAnswer,
    deadline: number,
  ): Promise<{ start: LaneAnswer; missed: boolean }> {
    let start = given;
    while (start.sendAt - performance.now() > UNSEEN_US / 1_000) {
      const again = await this.#lookAgain(lane, start, deadline);
      if (!again) return { start, missed: true };
      start = again;
    }
    await this.sleepUntil(start.sendAt);
    return { start, missed: performance.now() - start.sendAt > STALE_MS };
  }

  /** Sleeps until `at`; rejects with `LaneStoreDown` once the limiter closes. */
  async sleepUntil(at: number): Promise<void> {
    try {
      await this.#sleepers.until(at);
    } catch (closed) {
      throw new LaneStoreDown(closed);
    }
  }

  /** Wakes everybody who sleeps here, with `LaneStoreDown`. */
  close(): void {
    this.#sleepers.close();
  }

  // Much may have become of a start that was given long ago: late starts before it, a pause, a store that came back empty, a clock that drifted.
  async #lookAgain(lane: Lane, given: LaneAnswer, deadline: number): Promise<LaneAnswer | undefined> {
    const { stamp, givenAt, sendAt } = given;
    // Whoever was given the last start of his wait does not lose it for the little that a send is usually late.
    const latest = Math.round(stamp + Math.max(0, deadline - sendAt) * 1_000) + UNSEEN_US;
    await this.sleepUntil(sendAt - LOOK_AHEAD_MS);
    const looking = () => this.answer(this.#store.look(lane, { stamp, givenAt, latest }));
    const look = await this.#turnstile.pass(true, looking);
    return look.stands ? { ...given, ...seen(look) } : undefined;
  }

  /** Passes a store's answer on, or rejects with `LaneStoreDown` when it fails or does not come in time. */
  async answer<T>(answer: Promise<T>, withinMs = this.#timeoutMs): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      const give = () => reject(new Error(`No answer within ${withinMs} ms.`));
      // A process that was busy sees its timers before its sockets: an answer that had come by then must still count.
      timer = setTimeout(() => setImmediate(give), withinMs);
    });
    try {
      return await Promise.race([answer, silence]);
    } catch (cause) {
      throw new LaneStoreDown(cause);
    } finally {
      clearTimeout(timer);
    }
  }
}

function here(reply: LaneReply, now: number): LaneAnswer {
  return {
    granted: reply.granted,
    stamp: reply.stamp,
    givenAt: reply.at,
    used: reply.used,
    dueAt: reply.sentAt + Math.max(reply.waitUs, LEAD_US) / 1_000,
    sendAt: now + reply.waitUs / 1_000,
    freeAt: now + reply.freeUs / 1_000,
    askAt: now + reply.backUs / 1_000,
  };
}

const seen = ({ sentAt, waitUs, stamp }: LaneLook): Pick<LaneAnswer, 'stamp' | 'dueAt' | 'sendAt'> => ({
  stamp,
  dueAt: sentAt + waitUs / 1_000,
  sendAt: performance.now() + waitUs / 1_000,
});
