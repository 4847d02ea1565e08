import type { Send } from '#adapter-kit';
import { retryClassOf } from '#adapter-kit';
import { crashPoint } from '#crash-point';
import type { Refusal } from '#canonical';
import type { Claim, StoredOperation, WhyBlocked } from '#persistence';
import { unblock } from './blocked.js';
import { LEASE_MS, READ_MS, WRITE_MS } from '../core/timeouts.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { writePlanFor } from './write-plan.js';
import { makeExchange } from '../calls/exchange.js';
import type { ExchangeOutcome, ExchangeTerms } from '../calls/exchange.js';
import type { ExecuteOptions } from './execute.js';
import type { WritePlan } from '../kinds/kind.js';
import { markUnknown } from './mark-unknown.js';
import { asUnanswered, asNoSlot } from './no-turn.js';
import { beginPlan } from './primed-plan.js';
import type { BegunPlan, HeadStart } from './primed-plan.js';
import { storedProblem } from './stored-problem.js';
import { leaveToPump, pauseBehind, runLater } from './requeue.js';
import { glance } from '../reconcile/reconcile.js';
import { decide } from './retry.js';
import type { AttemptOutcome, Decision } from './retry.js';
import { runPlan } from './run-plan.js';
import { withRetries, settle, withdraw } from './settle.js';
import { AnothersEffect } from './settlement.js';
import type { Settlement } from './settlement.js';
import { makeOrShareExchange } from '../calls/shared-exchange.js';

type Requeue = Omit<Extract<Decision, { next: 'queued' }>, 'next'>;

/** The pause before another try while the caller waits, and when nobody does, in milliseconds. */
const SHORT_MS = 500;
const LONG_MS = 5_000;

/** One attempt at one operation. */
export class Attempt {
  #claim: Claim | null;
  /** Until the first request uses it. */
  #head: HeadStart | undefined;
  /** Why nothing may be sent, once that is known. */
  #blocked: WhyBlocked | null = null;
  /** How the request with the effect ended, once it was sent. */
  #written: 'done' | 'refused' | 'unanswered' | null = null;
  /** It was answered 429, which of this call does not prove that nothing was done. */
  #doubts429 = false;
  /** Why, if it was refused. */
  #refusal: Refusal | undefined;
  /** A request with an effect may have left, whatever is known of its end. */
  #mayHaveLeft = false;
  /** The customer that a step identified; locks their spends. */
  #customerLock: string | undefined;
  readonly #plan: WritePlan;
  readonly #begun: BegunPlan;
  /** When the caller's budget is used up, by `performance.now()`. */
  #endsAt: number;

  constructor(
    readonly core: Core,
    readonly operation: StoredOperation,
    readonly connection: OpenConnection,
    readonly options: Pick<ExecuteOptions, 'laneBudgetMs' | 'budgetPerStep' | 'laneClass' | 'timing'> & {
      head?: HeadStart;
    },
    /** Starts the next attempt in this process; takes its lane budget in milliseconds. */
    readonly retry: (laneBudgetMs: number) => Promise<void>,
  ) {
    const { head } = options;
    this.#plan = writePlanFor(connection, operation);
    this.#endsAt = performance.now() + options.laneBudgetMs;
    this.#head = head;
    this.#claim = head?.claim ?? null;
    this.#begun = head?.primed ?? this.#begin();
  }

  #begin(): BegunPlan {
    const { core, operation, connection } = this;
    const ask = core.vault.open('operation', operation.id, operation.ask!);
    return beginPlan(core, connection, operation, { does: this.#plan.does, ask });
  }

  /** Runs the plan as far as it gets, and stores the outcome. */
  async run(): Promise<void> {
    if (this.#claim) this.#keep(this.#claim);
    try {
      await this.#runPlan();
    } finally {
      if (this.#claim) this.core.leases.drop(this.#claim);
    }
  }

  async #runPlan(): Promise<void> {
    const { run, next } = this.#begun;
    const end = await runPlan(run, send => this.#makeExchange(send), next).catch(error => this.#broke(error));
    // Another process has it, or it is still queued and its connection was moved: then it is tried with what that is now.
    if (end.kind === 'taken') return this.#blocked === 'taken' ? this.retry(this.#left) : this.#waitBehind();
    crashPoint('dispatch:answered');
    await this.#conclude(end);
  }

  /** A fault of ours. What was claimed and not sent goes back to the queue, or the sweep would have to call it unknown. */
  async #broke(error: unknown): Promise<never> {
    if (this.#claim && !this.#mayHaveLeft) await this.#putBack({ waitMs: LONG_MS, reason: 'internal error' });
    throw error;
  }

  async #makeExchange(send: Send): Promise<ExchangeOutcome> {
    const known = this.#begun.book.read(send);
    if (known) return known;
    const write = retryClassOf(send.exchange, this.connection.settings) !== 'read';
    const reason = await this.#whyNotMade(send, write);
    if (reason !== undefined) return { kind: 'unanswered', reason };
    const made = await this.#exchangeFor(send, write).catch(asNoSlot);
    if (write) return this.#noteWrite(send, made);
    return this.#recordStep(send, this.#written || send.aside ? asUnanswered(made) : made);
  }

  /** Why an exchange would mislead: what it reads, or what its plan has read before it, may be the trace of another request. */
  async #whyNotMade(send: Send, write: boolean): Promise<string | undefined> {
    if (!write && this.#mayShowEffect(send))
      return 'what tells whether it was executed was not read before it was sent';
    const { database, stores } = this.core;
    // Asked now that the plan has read the balance: whatever moved it was marked as sent before.
    if (send.ifUnmoved && (await stores.balances.moved(database.direct, this.operation)))
      return 'another write of this customer may have moved the balance';
    return undefined;
  }

  #noteWrite({ exchange }: Send, made: ExchangeOutcome): ExchangeOutcome {
    if (made.kind === 'done' || made.kind === 'refused' || made.kind === 'unanswered')
      this.#written = made.kind;
    if (made.kind === 'throttled' && exchange.doubts429) this.#doubts429 = true;
    if (made.kind === 'refused') this.#refusal = made.refusal;
    return made;
  }

  #exchangeFor(send: Send, write: boolean): Promise<ExchangeOutcome> {
    const wish = { ...send, context: this.#begun.context };
    // A shared answer needs no claim, and leaves the head start to the request that does.
    if (send.exchange.cacheSeconds)
      return makeOrShareExchange(this.core, this.connection, wish, this.#terms(READ_MS));
    // Claimed for this, the row would wait behind the customer's other spend.
    if (send.aside)
      return makeExchange(this.core, this.connection, wish, {
        ...this.#terms(READ_MS),
        laneBudgetMs: 0,
        aside: true,
      });
    return makeExchange(this.core, this.connection, wish, {
      ...this.#terms(write ? WRITE_MS : READ_MS),
      operationId: this.operation.id,
      ...(this.#takeHeadStart() ?? { beforeSend: () => this.#claimBeforeSend(write) }),
    });
  }

  /** Start and claim that acceptance got, for the first request only. */
  #takeHeadStart(): Pick<ExchangeTerms, 'slot' | 'built' | 'beforeSend' | 'claimedAt'> | undefined {
    const head = this.#head;
    if (!head) return undefined;
    this.#head = undefined;
    const { slot, claimedAt, primed } = head;
    const beforeSend = async () => {
      crashPoint('dispatch:claimed');
      return (this.#mayHaveLeft = true);
    };
    return { slot, built: primed.built, beforeSend, claimedAt };
  }

  #terms(timeoutMs: number): ExchangeTerms {
    return {
      laneClass: this.options.laneClass ?? this.operation.laneClass,
      laneBudgetMs: this.#left,
      timeoutMs,
      timing: this.options.timing,
    };
  }

  /** A step that is to read what was before the effect, and may show it by now: an earlier attempt's request may have had it. */
  #mayShowEffect({ anew, aside }: Send): boolean {
    return this.operation.writeSent && this.#written === null && !anew && !aside;
  }

  #recordStep(send: Send, made: ExchangeOutcome): ExchangeOutcome {
    if ((made.kind === 'refused' || made.kind === 'unanswered') && !send.aside)
      this.#begun.book.fail(send, made);
    if (made.kind !== 'done') return made;
    this.#begun.book.write(send, made.result);
    // What was read is read again in the next attempt: in a full lane, a plan of many steps would never get to its last.
    if (this.options.budgetPerStep) this.#endsAt = performance.now() + this.options.laneBudgetMs;
    return made;
  }

  /** Commits `dispatching` before the first byte leaves, and a mark before the request that has the effect. */
  async #claimBeforeSend(write: boolean): Promise<boolean> {
    const { operations, leases } = this.core.stores;
    const { direct } = this.core.database;
    if (this.#claim && !write) {
      if (!(await leases.renew(direct, this.#claim, LEASE_MS))) return this.#block('taken');
      this.#keep(this.#claim);
      return true;
    }
    this.#customerLock = await this.#begun.book.customerLock(this.connection);
    const { fingerprint: lane } = this.connection.lane;
    const { retryClass } = this.#plan;
    const note = { retryClass, steps: this.#begun.book.sealed(), customerLock: this.#customerLock };
    crashPoint(this.#claim ? 'dispatch:looked' : 'dispatch:unclaimed');
    const answer = this.#claim
      ? await operations.markWrite(direct, this.#claim, LEASE_MS, note)
      : await operations.claim(direct, this.operation, this.#lease, { ...note, write, lane });
    if ('blocked' in answer) return this.#block(answer.blocked);
    this.#keep(answer.claim);
    if (write) crashPoint('dispatch:claimed');
    this.#mayHaveLeft ||= write;
    return true;
  }

  /** The row is this process's from now on. */
  #keep(claim: Claim): Claim {
    this.core.leases.keep(claim);
    return (this.#claim = claim);
  }

  /** What is left of the caller's budget, in milliseconds. */
  get #left(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  get #lease(): { owner: string; leaseMs: number } {
    return { owner: this.core.owner, leaseMs: LEASE_MS };
  }

  /** Notes why nothing may be sent. */
  #block(blocked: WhyBlocked): false {
    this.#blocked = blocked;
    return false;
  }

  async #waitForSpend(): Promise<void> {
    const waitMs = this.#left;
    const { core, operation, connection } = this;
    const lock = this.#customerLock ?? operation.customerLock;
    await unblock(core, { operation, claim: this.#claim, connection, lock, waitMs }, () =>
      this.retry(this.#left),
    );
  }

  async #conclude(end: AttemptOutcome): Promise<void> {
    const { operation } = this;
    const decision = decide(end, {
      retryClass: this.#plan.retryClass,
      reconcilable: this.#plan.reconcile !== undefined,
      wrote: this.#mayStand(end),
      doubts429: this.#doubts429,
      doubtful: operation.writeSent,
      attempts: operation.attempts + 1,
    });
    switch (decision.next) {
      case 'succeeded':
        return this.#succeed(decision.result);
      case 'rejected':
        return this.#reject(decision.refusal);
      case 'unknown':
        return this.#markUnknown(decision.reason);
      case 'queued':
        return this.#requeue(decision);
    }
  }

  /** A provider may answer with what it did for another request; what became of this one is then not known. */
  async #succeed(result: unknown): Promise<void> {
    try {
      await this.#settle({ state: 'succeeded', evidence: 'proof', result });
    } catch (error) {
      if (!(error instanceof AnothersEffect)) throw error;
      await this.#markUnknown('answered with the effect of another operation');
    }
  }

  /** Whether this attempt's own request may have had its effect. A refusal counts as "no" unless the plan doubts it. */
  #mayStand(end: AttemptOutcome): boolean {
    return this.#written === 'refused' ? end.kind === 'unanswered' : this.#written !== null;
  }

  async #reject(refusal: Refusal): Promise<void> {
    await this.#settle({
      state: 'rejected',
      evidence: 'proof',
      problem: storedProblem(refusal, this.operation.id),
    });
  }

  async #markUnknown(reason: string): Promise<void> {
    const { core, operation, connection } = this;
    const claim = await this.#claimed();
    if (!claim) return this.#waitBehind();
    const told = this.#refusal && storedProblem(this.#refusal, operation.id);
    const why = { reason, ...(this.#written === 'refused' && { denied: true as const, told }) };
    if (await markUnknown(core, { operation, connection, claim }, this.#plan, why)) await this.#glance();
  }

  /** Looks once more while the caller waits, since most effects are visible at once. */
  async #glance(): Promise<void> {
    const { core, operation } = this;
    if (this.#left <= core.glanceAfterMs) return;
    await new Promise(resolve => setTimeout(resolve, core.glanceAfterMs));
    await glance(core, operation);
  }

  /** Back to the queue, with what was known before this attempt: it has sent nothing that may have had the effect. */
  #putBack({ waitMs, reason }: Pick<Requeue, 'waitMs' | 'reason'>): Promise<void> {
    return this.#requeue({ waitMs, reason, doubtful: this.operation.writeSent });
  }

  /** Back to the queue: nothing was sent, or the call is safe to repeat. */
  async #requeue(decision: Requeue): Promise<void> {
    const { core, operation } = this;
    const wakeAt = new Date(core.now().getTime() + decision.waitMs);
    const full = decision.reason === 'no-slot';
    if (!this.#claim)
      return full ? leaveToPump(core, operation, wakeAt) : runLater(core, operation, decision.waitMs);
    const claim = this.#claim;
    crashPoint('requeue:before');
    const { reason, doubtful } = decision;
    const back = { wakeAt, reason, doubtful, sent: this.#doubts429 || operation.firstSentAt !== null };
    if (!(await withRetries(() => core.stores.operations.requeue(core.database.direct, claim, back)))) return;
    crashPoint('requeue:done');
    // While the caller waits and the pause is short, this process retries by itself, without a queue.
    if (decision.waitMs < this.#left) return this.#retrySoon(decision.waitMs);
    if (full) return void (await core.jobs.ensurePump(operation.lane).catch(() => undefined));
    await core.jobs
      .operation('execute', operation.id, `f${claim.fence}`, decision.waitMs)
      .catch(() => undefined);
  }

  async #retrySoon(ms: number): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, ms));
    await this.retry(this.#left);
  }

  async #settle(settlement: Settlement): Promise<void> {
    const { core, operation, connection } = this;
    const claim = await this.#claimed();
    if (!claim) return this.#settleUnclaimed(settlement);
    await withRetries(() =>
      settle(core, { operation, connection, claim }, { ...settlement, ask: this.#begun.ask }),
    );
  }

  /** What is refused without any call needs no turn behind the other one: its caller is told now. */
  async #settleUnclaimed({ problem }: Settlement): Promise<void> {
    const { core, operation } = this;
    const refused = problem && this.#blocked !== 'taken';
    if (refused && (await withdraw(core, operation, 'cancelled', problem))) return;
    await this.#waitBehind();
  }

  /** Nothing was sent: waits for the other open call because of which the row could not be claimed, or begins anew where its connection was paused after the claim. A row that was taken is left to whoever has it. */
  async #waitBehind(): Promise<void> {
    if (this.#blocked === 'spend') await this.#waitForSpend();
    else if (this.#blocked === 'serial')
      await this.#putBack({ waitMs: await pauseBehind(this.core, this.operation), reason: 'serial' });
    // The pause is short only while the caller waits.
    else if (this.#blocked === 'late')
      await this.#putBack({ waitMs: this.#left > SHORT_MS ? SHORT_MS : LONG_MS, reason: 'late' });
  }

  /** The claim; where nothing has been sent yet it is taken now, so that the row ends under a fence like every other. `null` = blocked. */
  async #claimed(): Promise<Claim | null> {
    if (this.#claim) return this.#claim;
    const { database, stores } = this.core;
    const answer = await stores.operations.claim(database.direct, this.operation, this.#lease);
    if ('claim' in answer) return this.#keep(answer.claim);
    this.#blocked = answer.blocked;
    return null;
  }
}
