import { randomUUID } from 'node:crypto';
import type { DueCursor, DueDelivery } from '#persistence';
import { attempt, openSubscription } from './attempt.js';
import type { OpenSubscription } from './attempt.js';
import type { EventCore } from './event-core.js';
import { disable, endingOf, noteHealth } from './settle.js';
import { TryBook } from './try-book.js';

/** How many requests one receiver gets at once. */
const SIDE_BY_SIDE = 16;
const PAGE = 100;
/** After so long a pump gives its place to others; what is left is found again at once. */
const LONGEST_RUN_MS = 30_000;

/**
 * Hands over all that is due to one subscription. One pump per subscription over all processes (a lease on its row), so that
 * a receiver which hangs holds one place of one worker and nobody else's events.
 */
export class Pump {
  readonly #owner: string;
  readonly #endsAt = performance.now() + LONGEST_RUN_MS;
  readonly #book: TryBook;
  #cursor: DueCursor | null = null;
  #page: DueDelivery[] = [];
  #turning: Promise<void> = Promise.resolve();
  #dry = false;
  #over = false;
  #reached = 0;
  #failed = 0;

  constructor(
    private readonly events: EventCore,
    private readonly id: string,
    /** True once the process is asked to stop. */
    private readonly stopping: () => boolean,
  ) {
    this.#book = new TryBook(events);
    this.#owner = `${events.core.owner}-${randomUUID().slice(0, 8)}`;
  }

  /** Resolves when nothing is due any more, when the run was long enough, or when another process has the lease. */
  async run(): Promise<void> {
    do {
      if (!(await this.#hold())) return;
      let beat = Promise.resolve();
      const heartbeat = setInterval(() => void (beat = this.#beat()), this.events.settings.leaseMs / 3);
      try {
        await this.#drain();
      } finally {
        clearInterval(heartbeat);
        // One that is still on its way would take back what is given back here, for nobody.
        await beat;
        await this.#leave();
      }
      // Whatever came between the last look and the end of the lease found it taken: look once more.
    } while (!this.#over && !this.#late() && (await this.#anyDue()));
  }

  async #drain(): Promise<void> {
    const { core, subscriptions } = this.events;
    const stored = await subscriptions.byId(core.database.direct, this.id);
    if (!stored || stored.state !== 'active') return;
    const subscription = await openSubscription(this.events, stored);
    this.#cursor = null;
    this.#dry = false;
    const one = async () => {
      try {
        for (let due = await this.#next(); due; due = await this.#next())
          await this.#handOver(subscription, due);
      } catch (error) {
        this.#over = true;
        throw error;
      }
    };
    // All of them, before the lease goes: whoever has it next would send beside them what they are sending.
    const ends = await Promise.allSettled(Array.from({ length: SIDE_BY_SIDE }, one));
    await this.#tell(subscription);
    const failed = ends.find(end => end.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #handOver(subscription: OpenSubscription, due: DueDelivery): Promise<void> {
    const verdict = await attempt(this.events, subscription, due);
    // A stop cuts requests off: what became of them is not known, so the next process sends them again.
    if (this.stopping() && verdict.kind === 'failed' && verdict.lastStatus === null) return;
    if (verdict.kind === 'delivered') this.#reached++;
    else this.#failed++;
    await this.#book.write(endingOf(this.events, due, verdict));
    if (verdict.kind !== 'gone') return;
    this.#over = true;
    await disable(this.events, subscription, 'gone');
  }

  // Pages are turned by one at a time; the cursor passes over what is just being sent.
  async #next(): Promise<DueDelivery | undefined> {
    if (this.#page.length === 0) {
      this.#turning = this.#turning.then(() => this.#turn());
      await this.#turning;
    }
    return this.#over || this.stopping() || this.#late() ? undefined : this.#page.shift();
  }

  async #turn(): Promise<void> {
    if (this.#page.length > 0 || this.#dry || this.#over) return;
    const { core, deliveries } = this.events;
    this.#page = await deliveries.due(core.database.direct, this.id, this.#cursor, PAGE);
    this.#dry = this.#page.length === 0;
    this.#cursor = this.#page.at(-1)?.cursor ?? this.#cursor;
  }

  async #anyDue(): Promise<boolean> {
    if (this.stopping()) return false;
    const { core, deliveries } = this.events;
    return (await deliveries.due(core.database.direct, this.id, null, 1)).length > 0;
  }

  async #tell(subscription: OpenSubscription): Promise<void> {
    if (this.#reached + this.#failed === 0) return;
    await noteHealth(this.events, subscription, this.#reached > 0);
    this.#reached = this.#failed = 0;
  }

  #hold(): Promise<boolean> {
    const { core, subscriptions, settings } = this.events;
    return subscriptions.takePump(core.database.direct, this.id, this.#owner, settings.leaseMs);
  }

  // Without the lease (or without an answer) somebody else may be at it already.
  async #beat(): Promise<void> {
    if (!(await this.#hold().catch(() => false))) this.#over = true;
  }

  async #leave(): Promise<void> {
    const { core, subscriptions } = this.events;
    await subscriptions.leavePump(core.database.direct, this.id, this.#owner);
  }

  #late(): boolean {
    return performance.now() > this.#endsAt;
  }
}
