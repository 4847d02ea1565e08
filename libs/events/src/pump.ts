import { randomUUID } from 'node:crypto';
import type { DueCursor, DueDelivery } from '#persistence';
import { attemptDelivery } from './attempt.js';
import { AttemptWriter } from './attempt-writer.js';
import { endingOf } from './attempt-ending.js';
import type { EventCore } from './event-core.js';
import { openForDelivery } from './open-subscription.js';
import type { OpenSubscription } from './open-subscription.js';
import { disableSubscription, noteHealth } from './subscription-health.js';

/** How many requests a receiver gets at once. */
const CONCURRENT_REQUESTS = 16;
const PAGE = 100;
/** After this time a pump gives way to others; the rest is found again at once. */
const MAX_RUN_MS = 30_000;

/**
 * Delivers everything that is due to one subscription. There is one pump per subscription across all processes (a lease on its
 * row), so a receiver that hangs occupies one slot of one worker and delays nobody else's events.
 */
export class Pump {
  readonly #owner: string;
  readonly #endsAt = performance.now() + MAX_RUN_MS;
  readonly #writer: AttemptWriter;
  #subscription?: OpenSubscription;
  #cursor: DueCursor | null = null;
  #page: DueDelivery[] = [];
  #loading: Promise<void> = Promise.resolve();
  #exhausted = false;
  #stopped = false;
  #delivered = 0;
  #failed = 0;

  constructor(
    private readonly events: EventCore,
    private readonly id: string,
    /** True once the process has been asked to stop. */
    private readonly stopping: () => boolean,
  ) {
    this.#writer = new AttemptWriter(events);
    this.#owner = `${events.core.owner}-${randomUUID().slice(0, 8)}`;
  }

  /** Resolves when nothing is due any more, when the maximum run time is over, or when another process has the lease. */
  async run(): Promise<void> {
    do {
      if (!(await this.#takeLease())) return;
      // One at a time: all of them must have ended before the release, or the last would take the lease again.
      let renewal: Promise<void> | undefined;
      const renew = () => (renewal ??= this.#renewLease().finally(() => (renewal = undefined)));
      const heartbeat = setInterval(() => void renew(), this.events.settings.leaseMs / 3);
      try {
        await this.#drain();
      } finally {
        clearInterval(heartbeat);
        await renewal;
        await this.#releaseLease();
      }
      // What became due between the last query and the release found the lease taken: query once more.
    } while (!this.#stopped && !this.#isLate() && (await this.#anyDue()));
  }

  async #drain(): Promise<void> {
    this.#cursor = null;
    this.#exhausted = false;
    const deliverUntilDone = async () => {
      try {
        for (let due = await this.#next(); due; due = await this.#next()) await this.#deliver(due);
      } catch (error) {
        this.#stopped = true;
        throw error;
      }
    };
    // Wait for all of them before releasing the lease: the next owner would send the same events again.
    const ends = await Promise.allSettled(Array.from({ length: CONCURRENT_REQUESTS }, deliverUntilDone));
    await this.#reportHealth();
    const failed = ends.find(end => end.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #deliver(due: DueDelivery): Promise<void> {
    const subscription = this.#subscription!;
    const result = await attemptDelivery(this.events, subscription, due);
    // A stop aborts requests: their outcome is unknown, so the next process sends them again.
    if (this.stopping() && result.kind === 'failed' && result.lastStatus === null) return;
    if (result.kind === 'delivered') this.#delivered++;
    else this.#failed++;
    await this.#writer.write(endingOf(this.events, due, result));
    if (result.kind !== 'gone') return;
    this.#stopped = true;
    await disableSubscription(this.events, subscription, 'gone');
  }

  // Only one page is loaded at a time; the cursor skips what is currently being sent.
  async #next(): Promise<DueDelivery | undefined> {
    if (this.#page.length === 0) {
      this.#loading = this.#loading.then(() => this.#loadPage());
      await this.#loading;
    }
    return this.#stopped || this.stopping() || this.#isLate() ? undefined : this.#page.shift();
  }

  async #loadPage(): Promise<void> {
    if (this.#page.length > 0 || this.#exhausted || this.#stopped) return;
    const { core, deliveries } = this.events;
    if (!(await this.#open())) return void (this.#stopped = true);
    this.#page = await deliveries.due(core.database.direct, this.id, this.#cursor, PAGE);
    this.#exhausted = this.#page.length === 0;
    this.#cursor = this.#page.at(-1)?.cursor ?? this.#cursor;
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
    if (this.stopping()) return false;
    const { core, deliveries } = this.events;
    return (await deliveries.due(core.database.direct, this.id, null, 1)).length > 0;
  }

  async #reportHealth(): Promise<void> {
    if (this.#delivered + this.#failed === 0) return;
    await noteHealth(this.events, this.#subscription!, this.#delivered > 0);
    this.#delivered = this.#failed = 0;
  }

  #takeLease(): Promise<boolean> {
    const { core, subscriptions, settings } = this.events;
    return subscriptions.acquirePumpLease(core.database.direct, this.id, this.#owner, settings.leaseMs);
  }

  // Without the lease (or without an answer) another process may already be delivering.
  async #renewLease(): Promise<void> {
    const mine = await this.#takeLease()
      .then(taken => taken && this.#open())
      .catch(() => false);
    if (!mine) this.#stopped = true;
  }

  async #releaseLease(): Promise<void> {
    const { core, subscriptions } = this.events;
    await subscriptions.releasePumpLease(core.database.direct, this.id, this.#owner);
  }

  #isLate(): boolean {
    return performance.now() > this.#endsAt;
  }
}
