import type { Context, Send } from '#adapter-kit';
import { retryClassOf } from '#adapter-kit';
import { crashPoint } from '#crash-point';
import type { Refusal } from '#canonical';
import type { Claim, StoredOperation } from '#persistence';
import { unblock } from './blocked.js';
import { LATE_START_MS, LEASE_MS, READ_MS, START_WITHIN_MS, WRITE_MS } from '../core/timeouts.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { writePlanFor } from './write-plan.js';
import { makeExchange } from '../calls/exchange.js';
import type { ExchangeOutcome, ExchangeTerms } from '../calls/exchange.js';
import type { ExecuteOptions } from './execute.js';
import type { WritePlan } from '../kinds/kind.js';
import { markUnknown } from './mark-unknown.js';
import { asUnanswered, asNoSlot } from './no-turn.js';
import type { HeadStart } from './primed-plan.js';
import { storedProblem } from './stored-problem.js';
import { runLater, leaveToPump } from './requeue.js';
import { glance } from '../reconcile/reconcile.js';
import { decide } from './retry.js';
import type { AttemptOutcome, Decision } from './retry.js';
import { asPlan, runPlan } from './run-plan.js';
import { withRetries, settle, withdraw } from './settle.js';
import { AnothersEffect } from './settlement.js';
import type { Settlement } from './settlement.js';
import { makeOrShareExchange } from '../calls/shared-exchange.js';
import { StepBook } from './step-book.js';

type Requeue = Omit<Extract<Decision, { next: 'queued' }>, 'next'>;

const SHORT_MS = 500;
const LONG_MS = 5_000;
/** The longest pause behind a like operation: one that is just running, and one that may be open for hours. */
const BEHIND_RUNNING_MS = 2_000;
const BEHIND_OPEN_MS = 30_000;

/** One attempt at one operation. */
export class Attempt {
  #claim: Claim | null;
  /** Until the first request uses it. */
  #head: HeadStart | undefined;
  #blocked: 'taken' | 'spend' | 'serial' | 'late' | null = null;
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
  readonly #ask: unknown;
  readonly #book: StepBook;
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
    this.#plan = writePlanFor(connection, operation);
    this.#endsAt = performance.now() + options.laneBudgetMs;
    const { head } = options;
    this.#head = head;
    this.#claim = head?.claim ?? null;
    this.#ask = head ? head.primed.ask : core.vault.open('operation', operation.id, operation.ask!);
    this.#book = head?.primed.book ?? StepBook.open(core, operation);
  }

  /** Runs the plan as far as it gets, and stores the outcome. */
  async run(): Promise<void> {
    if (this.#claim) this.#hold(this.#claim);
    try {
      await this.#runPlan();
    } finally {
      if (this.#claim) this.core.leases.drop(this.#claim);
    }
  }

  async #runPlan(): Promise<void> {
    const { core, operation, connection } = this;
    const primed = this.#head?.primed;
    const context = primed?.context ?? {
      settings: connection.settings,
      now: core.now(),
      operationId: operation.id,
      nonce: operation.nonce,
      repeated: operation.writeSent,
      ...(operation.firstSentAt && { firstSentAt: operation.firstSentAt }),
    };
    const plan = primed?.run ?? asPlan(this.#plan.does, this.#ask, context);
    const make = (send: Send) => this.#makeExchange(send, context);
    const end = await runPlan(plan, make, primed?.next).catch(error => this.#broke(error));
    // Another process has it, or it is still queued and its connection was moved: then it is tried with what that is now.
    if (end.kind === 'taken') return this.#blocked === 'taken' ? this.retry(this.#left) : this.#waitBehind();
    crashPoint('dispatch:answered');
    await this.#conclude(end);
  }

  /** A fault of ours. What was claimed and not sent goes back to the queue, or the sweep would have to call it unknown. */
  async #broke(error: unknown): Promise<never> {
    if (this.#claim && !this.#mayHaveLeft)
      await this.#requeue({
        waitMs: LONG_MS,
        reason: 'internal error',
        doubtful: this.operation.writeSent,
      });
    throw error;
  }

  async #makeExchange(send: Send, context: Context): Promise<ExchangeOutcome> {
    const known = this.#book.read(send);
    if (known) return known;
    const write = retryClassOf(send.exchange, this.connection.settings) !== 'read';
    if (!write && this.#isTooLate(send))
      return {
        kind: 'unanswered',
        reason: 'what tells whether it was executed was not read before it was sent',
      };
    // Asked now that the plan has read the balance: whatever moved it was marked as sent before.
    if (send.ifUnmoved && (await this.core.stores.balances.moved(this.core.database.direct, this.operation)))
      return { kind: 'unanswered', reason: 'another write of this customer may have moved the balance' };
    const wish = { ...send, context };
    const made = await this.#exchangeFor(wish, write).catch(asNoSlot);
    if (!write) return this.#recordStep(send, this.#written || send.aside ? asUnanswered(made) : made);
    if (made.kind === 'done' || made.kind === 'refused' || made.kind === 'unanswered')
      this.#written = made.kind;
    if (made.kind === 'throttled' && send.exchange.doubts429) this.#doubts429 = true;
    if (made.kind === 'refused') this.#refusal = made.refusal;
    return made;
  }

  #exchangeFor(wish: Send & { context: Context }, write: boolean): Promise<ExchangeOutcome> {
    // A shared answer needs no claim, and leaves the head start to the request that does.
    if (wish.exchange.cacheSeconds)
      return makeOrShareExchange(this.core, this.connection, wish, this.#terms(READ_MS));
    // Claimed for this, the row would wait behind the customer's other spend.
    if (wish.aside)
      return makeExchange(this.core, this.connection, wish, {
        ...this.#terms(READ_MS),
        laneBudgetMs: 0,
        aside: true,
      });
    return makeExchange(this.core, this.connection, wish, {
      ...this.#terms(write ? WRITE_MS : READ_MS),
      operationId: this.operation.id,
      ...(this.#takeHeadStart() ?? {
        beforeSend: () => this.#claimBeforeSend(write),
        startWithinMs: START_WITHIN_MS,
      }),
    });
  }

  /** Start and claim that acceptance got, for the first request only. */
  #takeHeadStart(): Pick<ExchangeTerms, 'slot' | 'built' | 'beforeSend' | 'startWithinMs'> | undefined {
    const head = this.#head;
    if (!head) return undefined;
    this.#head = undefined;
    const { slot, claimedAt, primed } = head;
    const beforeSend = async () => {
      crashPoint('dispatch:claimed');
      if (!this.#mayStillLeave(claimedAt)) return this.#block('late');
      return (this.#mayHaveLeft = true);
    };
    const startWithinMs = START_WITHIN_MS - (performance.now() - claimedAt);
    return { slot, built: primed.built, beforeSend, startWithinMs };
  }

  #terms(timeoutMs: number): ExchangeTerms {
    return {
      laneClass: this.options.laneClass ?? this.operation.laneClass,
      laneBudgetMs: this.#left,
      timeoutMs,
      timing: this.options.timing,
    };
  }

  /** What is to be read as it was before the effect, and may show it by now: an earlier attempt's request may have had it. */
  #isTooLate({ anew, aside }: Send): boolean {
    return this.operation.writeSent && this.#written === null && !anew && !aside;
  }

  #recordStep(send: Send, made: ExchangeOutcome): ExchangeOutcome {
    if ((made.kind === 'refused' || made.kind === 'unanswered') && !send.aside) this.#book.fail(send, made);
    if (made.kind !== 'done') return made;
    this.#book.write(send, made.result);
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
      this.#hold(this.#claim);
      return true;
    }
    this.#customerLock = await this.#book.customerLock(this.connection);
    const { fingerprint: lane } = this.connection.lane;
    const { retryClass } = this.#plan;
    const note = { retryClass, steps: this.#book.sealed(), customerLock: this.#customerLock };
    const askedAt = performance.now();
    crashPoint(this.#claim ? 'dispatch:looked' : 'dispatch:unclaimed');
    const answer = this.#claim
      ? await operations.markWrite(direct, this.#claim, LEASE_MS, note)
      : await operations.claim(direct, this.operation, this.#lease, { ...note, write, lane });
    if ('blocked' in answer) return this.#block(answer.blocked);
    this.#hold(answer.claim);
    if (write) crashPoint('dispatch:claimed');
    if (!this.#mayStillLeave(askedAt)) return this.#block('late');
    this.#mayHaveLeft ||= write;
    return true;
  }

  #hold(claim: Claim): Claim {
    this.core.leases.keep(claim);
    return (this.#claim = claim);
  }

  /** Whether it may still be sent: after a delay (a stopped process, a slow Postgres) the row could be another's by then. */
  #mayStillLeave(claimedAt: number): boolean {
    return performance.now() - claimedAt <= START_WITHIN_MS - LATE_START_MS;
  }

  /** What is left of the caller's budget, in milliseconds. */
  get #left(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  get #lease(): { owner: string; leaseMs: number } {
    return { owner: this.core.owner, leaseMs: LEASE_MS };
  }

  /** Notes why nothing may be sent. */
  #block(blocked: 'taken' | 'spend' | 'serial' | 'late'): false {
    this.#blocked = blocked;
    return false;
  }

  async #afterSpend(): Promise<void> {
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
    const claim = this.#claim ?? (await this.#lateClaim());
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

  /** A pause that is short only while the caller waits. */
  #pause(reason: string): Requeue {
    const waitMs = this.#left > SHORT_MS ? SHORT_MS : LONG_MS;
    return { waitMs, reason, doubtful: this.operation.writeSent };
  }

  /** A pause that is short while a caller may still wait, and grows with the operation's age. */
  async #pauseBehind(): Promise<Requeue> {
    const { core, operation } = this;
    const ageMs = core.now().getTime() - operation.createdAt.getTime();
    const { direct } = core.database;
    const { turns } = core.stores;
    const ahead = await turns.ahead(direct, operation.id);
    if (ahead?.id)
      await turns.noteWait(direct, operation.id, { note: `waits for operation ${ahead.id} to end first` });
    const longestMs = ahead?.open ? BEHIND_OPEN_MS : BEHIND_RUNNING_MS;
    const waitMs = Math.min(Math.max(SHORT_MS, ageMs / 4), longestMs);
    return { waitMs, reason: 'serial', doubtful: operation.writeSent };
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
    const back = { wakeAt, reason: decision.reason, doubtful: decision.doubtful };
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
    // A refusal that needed no call: claim the row now, so that it ends under a fence like every other.
    const claim = this.#claim ?? (await this.#lateClaim());
    if (!claim) return this.#settleUnclaimed(settlement);
    await withRetries(() =>
      settle(core, { operation, connection, claim }, { ...settlement, ask: this.#ask }),
    );
  }

  /** What is refused without any call needs no turn behind the other one: its caller is told now. */
  async #settleUnclaimed({ state, problem }: Settlement): Promise<void> {
    const { core, operation } = this;
    const refused = state === 'rejected' && problem && this.#blocked !== 'taken';
    if (refused && (await withdraw(core, operation, 'cancelled', problem))) return;
    await this.#waitBehind();
  }

  /** Nothing was sent: waits for the other open call because of which the row could not be claimed, or begins anew after a claim that came late. A row that was taken is left to whoever has it. */
  async #waitBehind(): Promise<void> {
    if (this.#blocked === 'spend') await this.#afterSpend();
    else if (this.#blocked === 'serial') await this.#requeue(await this.#pauseBehind());
    else if (this.#blocked === 'late') await this.#requeue(this.#pause('late'));
  }

  async #lateClaim(): Promise<Claim | null> {
    const { database, stores } = this.core;
    const answer = await stores.operations.claim(database.direct, this.operation, this.#lease);
    if ('claim' in answer) return this.#hold(answer.claim);
    this.#blocked = answer.blocked;
    return null;
  }
}
