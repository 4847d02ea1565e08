import type { Send } from '#adapter-kit';
import { retryClassOf } from '#adapter-kit';
import type { Refusal } from '#canonical';
import type { Claim, StoredOperation } from '#persistence';
import { unblock } from './blocked.js';
import { LEASE_MS, READ_MS, WRITE_MS } from './call-times.js';
import { assertCallable, connectionById } from './connection.js';
import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';
import { makeExchange } from './exchange.js';
import type { Made, Terms, Timing } from './exchange.js';
import { sharedExchange } from './shared-exchange.js';
import { doingFor } from './doing.js';
import type { Doing } from './kinds/kind.js';
import { kindOf } from './kinds/kinds.js';
import type { LaneClass } from './lanes/lanes.js';
import { LaneStoreDown } from './lanes/lanes.js';
import { storedProblem } from './problem-of.js';
import { decide, probeDelay } from './retry.js';
import type { Attempt } from './retry.js';
import { asPlan, runPlan } from './run-plan.js';
import type { PlanEnd } from './run-plan.js';
import { announce, settle } from './settle.js';
import { StepBook } from './step-book.js';

/** What an attempt is given by whoever starts it. */
export interface How {
  /** How long it may stand in the lane, in milliseconds. */
  laneBudgetMs: number;
  /** Absent = the operation's own. */
  laneClass?: LaneClass;
  timing?: Timing;
}

/** Runs one queued operation: the same function in the API process and in a worker. Never rejects for what a provider does. */
export async function execute(core: Core, operationId: string, how: How): Promise<void> {
  const operation = await core.stores.operations.byId(core.database.direct, operationId);
  if (operation?.state !== 'queued') return;
  if (await expired(core, operation)) return;
  const connection = await connectionById(core, core.database.direct, operation.connectionId);
  if (connection.state === 'paused') return later(core, operation, 30_000);
  const run = new Run(core, operation, connection, how);
  try {
    await run.attempt();
  } catch (error) {
    if (!(error instanceof LaneStoreDown)) throw error;
    await later(core, operation, 2_000);
  }
}

async function expired(core: Core, operation: StoredOperation): Promise<boolean> {
  if (!operation.expiresAt || operation.expiresAt > core.now() || operation.writeSent) return false;
  return core.database.transaction(async tx => {
    const done = await core.stores.operations.withdraw(tx, operation, 'expired');
    if (done) await announce(core, tx, { ...operation, state: 'expired' });
    return done;
  });
}

/** Leaves the row queued and comes back; the wake-up stands in the row, the job is only sooner. */
async function later(core: Core, operation: StoredOperation, ms: number): Promise<void> {
  await core.stores.operations.wakeAt(
    core.database.direct,
    operation.id,
    new Date(core.now().getTime() + ms),
  );
  await core.jobs
    .operation('execute', operation.id, `f${operation.fence}-${Date.now()}`, ms)
    .catch(() => undefined);
}

/** One attempt at one operation. */
class Run {
  #claim: Claim | null = null;
  #blocked: 'taken' | 'spend' | 'serial' | null = null;
  #wrote = false;
  readonly #doing: Doing;
  readonly #ask: unknown;
  readonly #book: StepBook;
  readonly #endsAt: number;

  constructor(
    readonly core: Core,
    readonly operation: StoredOperation,
    readonly connection: OpenConnection,
    readonly how: How,
  ) {
    this.#doing = doingFor(connection, operation);
    this.#ask = core.vault.open('operation', operation.id, operation.ask!);
    this.#book = StepBook.open(core, operation);
    this.#endsAt = performance.now() + how.laneBudgetMs;
  }

  async attempt(): Promise<void> {
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
    if (this.#blocked === 'serial') return this.#again({ kind: 'no-slot', retryAfterMs: 500 });
    if (end.kind === 'taken') return;
    await this.#conclude(end);
  }

  async #make(send: Send, context: object): Promise<Made> {
    const known = this.#book.read(send);
    if (known) return known;
    const write = retryClassOf(send.exchange, this.connection.settings) !== 'read';
    const wish = { ...send, context: context as never };
    if (send.exchange.cacheSeconds)
      return this.#kept(send, await sharedExchange(this.core, this.connection, wish, this.#sharedTerms()));
    const made = await makeExchange(this.core, this.connection, wish, {
      laneClass: this.how.laneClass ?? (this.operation.laneClass as LaneClass),
      laneBudgetMs: Math.max(0, this.#endsAt - performance.now()),
      timeoutMs: write ? WRITE_MS : READ_MS,
      operationId: this.operation.id,
      timing: this.how.timing,
      beforeSend: () => this.#take(write),
    });
    if (write) this.#wrote = made.kind === 'done' || made.kind === 'unanswered';
    return write ? made : this.#kept(send, made);
  }

  #kept(send: Send, made: Made): Made {
    if (made.kind === 'done') this.#book.write(send, made.result);
    return made;
  }

  // A shared answer belongs to no operation: it is asked for before the row is claimed.
  #sharedTerms(): Terms {
    const laneClass = this.how.laneClass ?? (this.operation.laneClass as LaneClass);
    return {
      laneClass,
      laneBudgetMs: Math.max(0, this.#endsAt - performance.now()),
      timeoutMs: READ_MS,
      timing: this.how.timing,
    };
  }

  /** The row says `dispatching` before the first byte leaves, and that the effect's request leaves before that one does. */
  async #take(write: boolean): Promise<boolean> {
    const { operations } = this.core.stores;
    const tx = this.core.database.direct;
    if (this.#claim && !write) return operations.renew(tx, this.#claim, LEASE_MS);
    const found = {
      write,
      steps: this.#book.sealed(),
      customerLock: await this.#book.customerLock(this.connection),
    };
    const answer = this.#claim
      ? await operations.markWrite(tx, this.#claim, LEASE_MS, found)
      : await operations.claim(tx, this.operation.id, this.#lease, found);
    if ('blocked' in answer) return this.#refused(answer.blocked);
    this.#claim = answer.claim;
    return true;
  }

  get #lease(): { owner: string; leaseMs: number } {
    return { owner: this.core.owner, leaseMs: LEASE_MS };
  }

  #refused(blocked: 'taken' | 'spend' | 'serial'): false {
    this.#blocked = blocked;
    return false;
  }

  async #afterSpend(): Promise<void> {
    const waitMs = Math.max(0, this.#endsAt - performance.now());
    await unblock(
      this.core,
      { operation: this.operation, claim: this.#claim, connection: this.connection, waitMs },
      () =>
        execute(this.core, this.operation.id, {
          ...this.how,
          laneBudgetMs: Math.max(0, this.#endsAt - performance.now()),
        }),
    );
  }

  async #conclude(end: Exclude<PlanEnd, { kind: 'taken' }>): Promise<void> {
    const { operation } = this;
    const decision = decide(end.kind === 'refused' ? { kind: 'refused' } : end, {
      retryClass: this.#doing.retryClass,
      reconcilable: this.#doing.reconcile !== undefined,
      wrote: this.#wrote,
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
    await this.#again(end as Attempt, decision);
  }

  async #reject(refusal: Refusal): Promise<void> {
    await this.#settle({
      state: 'rejected',
      evidence: 'proof',
      problem: storedProblem(refusal, this.operation.id),
    });
  }

  async #lose(reason: string): Promise<void> {
    const { core, operation } = this;
    const strategy = this.#doing.reconcile?.strategy ?? 'none';
    const delay = this.#doing.reconcile ? probeDelay(0)! : null;
    const nextAt = delay === null ? null : new Date(core.now().getTime() + delay);
    const reconcile = {
      strategy,
      tries: 0,
      absents: 0,
      reason,
      ...(nextAt ? { nextAt: nextAt.toISOString() } : {}),
    };
    const state = nextAt ? 'unknown' : 'needs-review';
    if (!(await this.#settle({ state, evidence: 'none', reconcile, wakeAt: nextAt }))) return;
    if (delay !== null)
      await core.jobs.operation('reconcile', operation.id, 'probe-0', delay).catch(() => undefined);
  }

  /** Back to the queue: nothing was sent, or the call is safe to repeat. */
  async #again(
    end: Attempt,
    decision = { waitMs: 500, reason: end.kind as string, doubtful: this.operation.writeSent },
  ): Promise<void> {
    const { core, operation } = this;
    if (!this.#claim) return later(core, operation, decision.waitMs);
    const wakeAt = new Date(core.now().getTime() + decision.waitMs);
    const back = await core.stores.operations.requeue(core.database.direct, this.#claim, {
      wakeAt,
      reason: decision.reason,
      doubtful: decision.doubtful,
    });
    if (!back) return;
    // While a caller still waits and the pause is short, this process tries again itself: no way through a queue.
    const left = this.#endsAt - performance.now();
    if (decision.waitMs < left) return this.#soon(decision.waitMs);
    await core.jobs
      .operation('execute', operation.id, `f${this.#claim.fence}`, decision.waitMs)
      .catch(() => undefined);
  }

  async #soon(ms: number): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, ms));
    await execute(this.core, this.operation.id, {
      ...this.how,
      laneBudgetMs: Math.max(0, this.#endsAt - performance.now()),
    });
  }

  async #settle(settlement: Parameters<typeof settle>[2]): Promise<boolean> {
    // A refusal that needed no call at all: the row is claimed only now, so that it ends under a fence like every other.
    this.#claim ??= await this.#lateClaim();
    if (!this.#claim) return false;
    return settle(
      this.core,
      { operation: this.operation, connection: this.connection, claim: this.#claim },
      { ...settlement, ask: this.#ask },
    );
  }

  async #lateClaim(): Promise<Claim | null> {
    const { database, stores } = this.core;
    const answer = await stores.operations.claim(database.direct, this.operation.id, this.#lease);
    return 'claim' in answer ? answer.claim : null;
  }
}
