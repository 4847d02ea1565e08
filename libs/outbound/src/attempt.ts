import type { Send } from '#adapter-kit';
import { retryClassOf } from '#adapter-kit';
import { crashPoint } from '#crash-point';
import type { Refusal } from '#canonical';
import type { Claim, StoredOperation } from '#persistence';
import { unblock } from './blocked.js';
import { LATE_START_MS, LEASE_MS, READ_MS, WRITE_MS } from './call-times.js';
import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';
import { doingFor } from './doing.js';
import { makeExchange } from './exchange.js';
import type { Made, Terms } from './exchange.js';
import type { How } from './execute.js';
import type { Doing } from './kinds/kind.js';
import type { LaneClass } from './lanes/lanes.js';
import { lose } from './lose.js';
import { afterEffect, storeDown } from './no-turn.js';
import { storedProblem } from './problem-of.js';
import { later, toPump } from './put-off.js';
import { glance } from './reconcile.js';
import { decide } from './retry.js';
import type { Decision } from './retry.js';
import { asPlan, runPlan } from './run-plan.js';
import type { PlanEnd } from './run-plan.js';
import { insist, settle } from './settle.js';
import type { Settlement } from './settle.js';
import { sharedExchange } from './shared-exchange.js';
import { StepBook } from './step-book.js';

type Again = Omit<Extract<Decision, { next: 'queued' }>, 'next'>;

const SHORT_MS = 500;
const LONG_MS = 5_000;

/** One attempt at one operation. */
export class Attempt {
  #claim: Claim | null = null;
  #blocked: 'taken' | 'spend' | 'serial' | 'late' | null = null;
  /** How the effect's request ended, once it left. */
  #written: 'done' | 'refused' | 'unanswered' | null = null;
  /** The customer whom a step identified, as the lock of their spends. */
  #customerLock: string | undefined;
  readonly #doing: Doing;
  readonly #ask: unknown;
  readonly #book: StepBook;
  readonly #endsAt: number;

  constructor(
    readonly core: Core,
    readonly operation: StoredOperation,
    readonly connection: OpenConnection,
    readonly how: Pick<How, 'laneBudgetMs' | 'laneClass' | 'timing'>,
    /** Starts the next attempt of this process, which may stand in the lane so long (ms). */
    readonly again: (laneBudgetMs: number) => Promise<void>,
  ) {
    this.#doing = doingFor(connection, operation);
    this.#ask = core.vault.open('operation', operation.id, operation.ask!);
    this.#book = StepBook.open(core, operation);
    this.#endsAt = performance.now() + how.laneBudgetMs;
  }

  /** Runs the plan as far as it comes, and writes down what became of it. */
  async run(): Promise<void> {
    const { core, operation, connection } = this;
    const context = {
      settings: connection.settings,
      now: core.now(),
      operationId: operation.id,
      nonce: operation.nonce,
    };
    const plan = asPlan(this.#doing.does, this.#ask, context as never);
    const end = await runPlan(plan, send => this.#make(send, context));
    if (this.#blocked === 'spend') return this.#afterSpend();
    if (this.#blocked === 'serial' || this.#blocked === 'late')
      return this.#again(this.#pause(this.#blocked));
    if (end.kind === 'taken') return;
    crashPoint('dispatch:answered');
    await this.#conclude(end);
  }

  async #make(send: Send, context: object): Promise<Made> {
    const known = this.#book.read(send);
    if (known) return known;
    const write = retryClassOf(send.exchange, this.connection.settings) !== 'read';
    const wish = { ...send, context: context as never };
    const made = await this.#exchange(wish, write).catch(storeDown);
    if (!write) return this.#kept(send, this.#written ? afterEffect(made) : made);
    if (made.kind === 'done' || made.kind === 'refused' || made.kind === 'unanswered')
      this.#written = made.kind;
    return made;
  }

  #exchange(wish: Send & { context: never }, write: boolean): Promise<Made> {
    // A shared answer belongs to no operation: it is asked for before the row is claimed.
    if (wish.exchange.cacheSeconds)
      return sharedExchange(this.core, this.connection, wish, this.#terms(READ_MS));
    return makeExchange(this.core, this.connection, wish, {
      ...this.#terms(write ? WRITE_MS : READ_MS),
      operationId: this.operation.id,
      beforeSend: () => this.#take(write),
      startWithinMs: LEASE_MS - WRITE_MS,
    });
  }

  #terms(timeoutMs: number): Terms {
    return {
      laneClass: this.how.laneClass ?? (this.operation.laneClass as LaneClass),
      laneBudgetMs: this.#left,
      timeoutMs,
      timing: this.how.timing,
    };
  }

  #kept(send: Send, made: Made): Made {
    if (made.kind === 'done') this.#book.write(send, made.result);
    return made;
  }

  /** The row says `dispatching` before the first byte leaves, and that the effect's request leaves before that one does. */
  async #take(write: boolean): Promise<boolean> {
    const { operations } = this.core.stores;
    const tx = this.core.database.direct;
    if (this.#claim && !write) return operations.renew(tx, this.#claim, LEASE_MS);
    this.#customerLock = await this.#book.customerLock(this.connection);
    const found = { write, steps: this.#book.sealed(), customerLock: this.#customerLock };
    const askedAt = performance.now();
    crashPoint(this.#claim ? 'dispatch:looked' : 'dispatch:unclaimed');
    const answer = this.#claim
      ? await operations.markWrite(tx, this.#claim, LEASE_MS, found)
      : await operations.claim(tx, this.operation, this.#lease, found);
    if ('blocked' in answer) return this.#refused(answer.blocked);
    this.#claim = answer.claim;
    if (write) crashPoint('dispatch:claimed');
    // Whoever slept so long (a stopped process, a slow Postgres) could still be sending when the row is another's.
    return performance.now() - askedAt <= LEASE_MS - WRITE_MS - LATE_START_MS || this.#refused('late');
  }

  /** What is left of the caller's budget, in milliseconds. */
  get #left(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  get #lease(): { owner: string; leaseMs: number } {
    return { owner: this.core.owner, leaseMs: LEASE_MS };
  }

  #refused(blocked: 'taken' | 'spend' | 'serial' | 'late'): false {
    this.#blocked = blocked;
    return false;
  }

  async #afterSpend(): Promise<void> {
    const waitMs = this.#left;
    const { core, operation, connection } = this;
    const lock = this.#customerLock ?? operation.customerLock;
    await unblock(core, { operation, claim: this.#claim, connection, lock, waitMs }, () =>
      this.again(this.#left),
    );
  }

  async #conclude(end: Exclude<PlanEnd, { kind: 'taken' }>): Promise<void> {
    const { operation } = this;
    const decision = decide(end.kind === 'refused' ? { kind: 'refused' } : end, {
      retryClass: this.#doing.retryClass,
      reconcilable: this.#doing.reconcile !== undefined,
      wrote: this.#mayStand(end),
      doubtful: operation.writeSent,
      attempts: operation.attempts + 1,
    });
    if (decision.next === 'succeeded')
      return void (await this.#settle({
        state: 'succeeded',
        evidence: 'proof',
        result: end.kind === 'done' ? end.result : undefined,
      }));
    if (decision.next === 'rejected') return this.#reject((end as { refusal: Refusal }).refusal);
    if (decision.next === 'unknown') return this.#lose(decision.reason);
    await this.#again(decision);
  }

  /** Whether the effect may stand by this attempt's own request; its refusal is believed as long as the plan believes it. */
  #mayStand(end: PlanEnd): boolean {
    return this.#written === 'refused' ? end.kind === 'unanswered' : this.#written !== null;
  }

  async #reject(refusal: Refusal): Promise<void> {
    await this.#settle({
      state: 'rejected',
      evidence: 'proof',
      problem: storedProblem(refusal, this.operation.id),
    });
  }

  async #lose(reason: string): Promise<void> {
    const { core, operation, connection } = this;
    const claim = (this.#claim ??= await this.#lateClaim());
    if (claim && (await lose(core, { operation, connection, claim }, this.#doing, reason)))
      await this.#glance();
  }

  /** Most effects can be seen at once: whoever waits need not wait for the first probe. */
  async #glance(): Promise<void> {
    const { core, operation } = this;
    if (this.#left <= core.glanceAfterMs) return;
    await new Promise(resolve => setTimeout(resolve, core.glanceAfterMs));
    await glance(core, operation);
  }

  /** A pause that is short only while somebody waits. */
  #pause(reason: string): Again {
    const waitMs = this.#left > SHORT_MS ? SHORT_MS : LONG_MS;
    return { waitMs, reason, doubtful: this.operation.writeSent };
  }

  /** Back to the queue: nothing was sent, or the call is safe to repeat. */
  async #again(decision: Again): Promise<void> {
    const { core, operation } = this;
    const wakeAt = new Date(core.now().getTime() + decision.waitMs);
    const full = decision.reason === 'no-slot';
    if (!this.#claim) return full ? toPump(core, operation, wakeAt) : later(core, operation, decision.waitMs);
    const claim = this.#claim;
    crashPoint('requeue:before');
    const back = { wakeAt, reason: decision.reason, doubtful: decision.doubtful };
    if (!(await insist(() => core.stores.operations.requeue(core.database.direct, claim, back)))) return;
    crashPoint('requeue:done');
    // While a caller still waits and the pause is short, this process tries again itself: no way through a queue.
    if (decision.waitMs < this.#left) return this.#soon(decision.waitMs);
    if (full) return void (await core.jobs.ensurePump(operation.lane).catch(() => undefined));
    await core.jobs
      .operation('execute', operation.id, `f${claim.fence}`, decision.waitMs)
      .catch(() => undefined);
  }

  async #soon(ms: number): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, ms));
    await this.again(this.#left);
  }

  async #settle(settlement: Settlement): Promise<void> {
    const { core, operation, connection } = this;
    // A refusal that needed no call at all: the row is claimed only now, so that it ends under a fence like every other.
    const claim = (this.#claim ??= await this.#lateClaim());
    if (claim)
      await insist(() => settle(core, { operation, connection, claim }, { ...settlement, ask: this.#ask }));
    else if (this.#blocked === 'spend') await this.#afterSpend();
  }

  async #lateClaim(): Promise<Claim | null> {
    const { database, stores } = this.core;
    const answer = await stores.operations.claim(database.direct, this.operation, this.#lease);
    if ('claim' in answer) return answer.claim;
    this.#blocked = answer.blocked;
    return null;
  }
}
