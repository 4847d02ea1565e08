import { randomUUID } from 'node:crypto';
import type { DueDelivery } from '#persistence';
import { attemptDelivery } from './attempt.js';
import { AttemptWriter } from './attempt-writer.js';
import { endingOf } from './attempt-ending.js';
import type { EventCore } from './event-core.js';
import { openForDelivery } from './open-subscription.js';
import type { OpenSubscription } from './open-subscription.js';
import { disableSubscription, noteHealth } from './subscription-health.js';
import { WakeUp } from './wake-up.js';

/** How many requests a receiver gets at once. */
const CONCURRENT_REQUESTS = 16;
const PAGE = 100;

/** The process of a pump. */
export interface PumpProcess {
  /** True once it has been asked to stop. */
  readonly stopping: boolean;
  /** True while other subscriptions may be waiting for one of its pumps to end. */
  readonly crowded: boolean;
}

/**
 * Delivers everything that is due to one subscription. There is one pump per subscription across all processes (a lease on its
 * row), so a receiver that hangs occupies one slot of one worker and delays nobody else's events.
 */
export class Pump {
  readonly #owner: string;
  readonly #writer: AttemptWriter;
  readonly #turnEndsAt: number;
  readonly #wakeUp = new WakeUp();
  /** The deliveries whose request or result is on its way. */
  readonly #sending = new Set<string>();
  #subscription?: OpenSubscription;
  #page: DueDelivery[] = [];
  /** Nothing else was due when Postgres was last asked. */
  #exhausted = false;
  #stopped = false;
  #failure?: { reason: unknown };
  /** Whether a delivery succeeded since the last report; undefined where none has ended. */
  #reached?: boolean;

  constructor(
    private readonly events: EventCore,
    private readonly id: string,
    private readonly process: PumpProcess,
  ) {
    this.#writer = new AttemptWriter(events);
    this.#owner = `${events.core.owner}-${randomUUID().slice(0, 8)}`;
    this.#turnEndsAt = performance.now() + events.settings.turnMs;
  }

  /** Resolves when nothing is due any more, when others are waiting after its turn, or when another process has the lease. */
  async run(): Promise<void> {
    do {
      if (!(await this.#takeLease())) return;
      // One at a time: all of them must have ended before the release, or the last would take the lease again.
      let renewal: Promise<void> | undefined;
      const renew = () => (renewal ??= this.#renewLease().finally(() => (renewal = undefined)));
      const heartbeat = setInterval(() => void renew(), this.events.settings.leaseMs / 3);
      await this.#drain();
      clearInterval(heartbeat);
      await renewal;
      try {
        await this.#reportHealth();
      } finally {
        await this.#releaseLease();
      }
      if (this.#failure) throw this.#failure.reason;
      // What became due between the last query and the release found the lease taken: query once more.
    } while (!this.#ends() && (await this.#anyDue()));
  }

  /** Something may have become due. */
  look(): void {
    this.#exhausted = false;
    this.#wakeUp.call();
  }

  // Never rejects, and ends with the last request: until then the next owner would send the same events again.
  async #drain(): Promise<void> {
    this.#exhausted = false;
    await this.#sendMore();
    while (this.#sending.size > 0) {
      await this.#wakeUp.wait();
      await this.#sendMore();
    }
  }

  async #sendMore(): Promise<void> {
    try {
      while (this.#sending.size < CONCURRENT_REQUESTS) {
        const due = await this.#next();
        if (!due) return;
        void this.#send(due);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  async #send(due: DueDelivery): Promise<void> {
    this.#sending.add(due.id);
    await this.#deliver(due).catch((error: unknown) => this.#fail(error));
    this.#sending.delete(due.id);
    this.#wakeUp.call();
  }

  async #deliver(due: DueDelivery): Promise<void> {
    const subscription = this.#subscription!;
    const result = await attemptDelivery(this.events, subscription, due);
    // A stop aborts requests: their outcome is unknown, so the next process sends them again.
    if (this.process.stopping && result.kind === 'failed' && result.lastStatus === null) return;
    this.#reached ||= result.kind === 'delivered';
    await this.#writer.write(endingOf(this.events, due, result));
    if (result.kind !== 'gone') return;
    this.#stopped = true;
    await disableSubscription(this.events, subscription, 'gone');
  }

  async #next(): Promise<DueDelivery | undefined> {
    while (this.#page.length === 0 && !this.#exhausted && !this.#ends()) await this.#loadPage();
    return this.#ends() ? undefined : this.#page.shift();
  }

  // Always from the oldest on: a retry or a slow transaction may add what is older than the last page.
  async #loadPage(): Promise<void> {
    const { core, deliveries } = this.events;
    // Before the query: a look that is asked for meanwhile is another one.
    this.#exhausted = true;
    const page = await deliveries.due(core.database.direct, this.id, {
      sending: [...this.#sending],
      limit: PAGE,
    });
    if (page.length === 0) return;
    if (!(await this.#open())) return void (this.#stopped = true);
    if (page.length === PAGE) this.#exhausted = false;
    this.#page = page;
  }

  // Again and again during a long run: a receiver that was given a new secret may know no other one.
  async #open(): Promise<boolean> {
    const { core, subscriptions } = this.events;
    const stored = await subscriptions.byId(core.database.direct, this.id);
    if (stored?.state !== 'active') return false;
    this.#subscription = await openForDelivery(this.events, stored);
    return true;
  }

  async #anyDue(): Promise<boolean> {
    const { core, deliveries } = this.events;
    return (await deliveries.due(core.database.direct, this.id, { sending: [], limit: 1 })).length > 0;
  }

  async #reportHealth(): Promise<void> {
    const reached = this.#reached;
    if (reached === undefined) return;
    this.#reached = undefined;
    await noteHealth(this.events, this.#subscription!, reached);
  }

  #takeLease(): Promise<boolean> {
    const { core, subscriptions, settings } = this.events;
    return subscriptions.acquirePumpLease(core.database.direct, this.id, this.#owner, settings.leaseMs);
  }

  // Without the lease (or without an answer) another process may already be delivering.
  async #renewLease(): Promise<void> {
    const mine = await this.#keepsOn().catch(() => false);
    if (!mine) this.#stopped = true;
  }

  // The report may disable the subscription: a pump whose receiver is slow enough does not end for days.
  async #keepsOn(): Promise<boolean> {
    if (!(await this.#takeLease())) return false;
    await this.#reportHealth();
    return this.#open();
  }

  async #releaseLease(): Promise<void> {
    const { core, subscriptions } = this.events;
    await subscriptions.releasePumpLease(core.database.direct, this.id, this.#owner);
  }

  #fail(reason: unknown): void {
    this.#stopped = true;
    this.#failure ??= { reason };
  }

  // Its turn is over only where another subscription needs its place: what it leaves behind waits for its last request.
  #ends(): boolean {
    const outstays = this.process.crowded && performance.now() > this.#turnEndsAt;
    return this.#stopped || this.process.stopping || outstays;
  }
}
