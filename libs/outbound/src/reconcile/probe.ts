import { retryClassOf } from '#adapter-kit';
import type { ReconcileContext, Send, Verdict } from '#adapter-kit';
import { crashPoint } from '#crash-point';
import { Refusal } from '#canonical';
import type { Problem } from '#canonical';
import type { Claim, StoredOperation } from '#persistence';
import { LEASE_MS, READ_MS, WRITE_MS } from '../core/timeouts.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { makeExchange } from '../calls/exchange.js';
import type { ExchangeOutcome } from '../calls/exchange.js';
import type { WritePlan } from '../kinds/kind.js';
import { kindOf } from '../kinds/kinds.js';
import { LaneStoreDown } from '../lanes/lanes.js';
import { storedProblem } from '../run/problem-of.js';
import { SHORTEST_PAUSE_MS, heldPause, nextProbe } from '../run/retry.js';
import { runPlan } from '../run/run-plan.js';
import { settle } from '../run/settle.js';
import { AnothersEffect } from '../run/settlement.js';
import type { ClaimedOperation } from '../run/settlement.js';
import { sharedExchange } from '../calls/shared-exchange.js';
import { StepBook } from '../run/step-book.js';

/** The state of a reconciliation, as stored on the row. */
export interface Search {
  strategy: string;
  tries: number;
  /** Probes that answered "absent". */
  absents: number;
  reason: string;
  nextAt?: string;
  /** Postponed because the provider answers nobody; probed as soon as it answers again. */
  held?: true;
  /** The refusal of a repeat: told to the caller if the effect turns out to be absent. */
  told?: Problem;
}

const SETTLE_SECONDS = 60;
const ABSENTS_NEEDED = 2;
/** How long a probe waits in the lane, in milliseconds; in a busy lane it comes back later. */
const LANE_BUDGET_MS = 5_000;
/** The same for a glance, which is not worth a place in a busy lane. */
const GLANCE_BUDGET_MS = 300;
const STORE_DOWN_MS = 2_000;
const ANOTHERS =
  'What was found belongs, or may belong, to another operation, so it proves nothing about this one.';

/** Nothing was asked: another process holds the row, or the lane has no start. Does not count as a probe. */
type Unasked = { verdict: 'taken' } | NotAsked;
interface NotAsked {
  verdict: 'unasked';
  waitMs: number;
  /** The provider answers nobody. */
  circuitOpen?: true;
}

/** One probe for one operation. */
export class Probe {
  #repeated = false;
  #readsOnly = false;
  /** The ask as this probe saw it. */
  #asked: unknown;

  constructor(
    readonly core: Core,
    readonly operation: StoredOperation,
    readonly connection: OpenConnection,
    readonly claim: Claim,
    readonly plan: WritePlan,
  ) {}

  /** `readsOnly` = never repeats the write. */
  async look({ readsOnly = false } = {}): Promise<Verdict<unknown> | Unasked> {
    this.#readsOnly = readsOnly;
    const { core, operation, connection } = this;
    const search = operation.reconcile as unknown as Search;
    const context: ReconcileContext = {
      settings: connection.settings,
      now: core.now(),
      operationId: operation.id,
      nonce: operation.nonce,
      firstSentAt: operation.firstSentAt!,
      lastSentAt: operation.lastSentAt!,
      repeats: operation.repeats,
      tries: readsOnly ? 0 : search.tries + 1,
      before: StepBook.open(core, operation).before(),
      disturbed: await core.stores.balances.moved(core.database.direct, operation),
    };
    try {
      this.#asked = await this.#ask();
      const plan = this.plan.reconcile!.run(this.#asked, context);
      const end = await runPlan(plan, send => this.#make(send, context));
      if (end.kind === 'done') return await this.#unlessDisturbed(end.result, context);
      if (end.kind === 'taken') return { verdict: 'taken' };
      if ('retryAfterMs' in end)
        return {
          verdict: 'unasked',
          waitMs: end.retryAfterMs,
          ...('circuitOpen' in end && { circuitOpen: true as const }),
        };
      return { verdict: 'inconclusive', note: 'reason' in end ? end.reason : end.kind };
    } catch (error) {
      if (error instanceof LaneStoreDown) return { verdict: 'unasked', waitMs: STORE_DOWN_MS };
      // A probe that throws counts as a probe: repeated for ever, it would keep the operation from a person.
      core.log('error', 'a look for a lost answer broke', {
        operationId: operation.id,
        error: String(error),
      });
      return { verdict: 'inconclusive', note: 'The look-up failed with an internal error.' };
    }
  }

  /** A balance is no evidence if another write of the customer may have changed it during the probe. */
  async #unlessDisturbed(
    verdict: Verdict<unknown>,
    { disturbed }: ReconcileContext,
  ): Promise<Verdict<unknown>> {
    const weak = 'evidence' in verdict && verdict.evidence === 'weak';
    if (!weak || disturbed) return verdict;
    const moved = await this.core.stores.balances.moved(this.core.database.direct, this.operation);
    return moved
      ? { verdict: 'inconclusive', note: 'Another write for this customer was sent during the look-up.' }
      : verdict;
  }

  /** Whether the effect, if it ever existed, has ended by itself. */
  async isOver(): Promise<boolean> {
    const end = await this.#end();
    return end !== undefined && end <= this.core.now();
  }

  async #end(): Promise<Date | undefined> {
    return kindOf(this.operation.kind).endsBy?.(this.core, this.operation);
  }

  async #ask(): Promise<unknown> {
    const { core, operation } = this;
    const ask = core.vault.open('operation', operation.id, operation.ask!);
    return (await kindOf(operation.kind).refreshAsk?.(core, operation, ask)) ?? ask;
  }

  async #make(send: Send, context: ReconcileContext): Promise<ExchangeOutcome> {
    const retryClass = retryClassOf(send.exchange, this.connection.settings);
    const write = retryClass !== 'read';
    if (write && retryClass !== 'keyed' && retryClass !== 'absolute') {
      throw new Error(`Reconciliation may not repeat ${send.exchange.name}: its class is ${retryClass}.`);
    }
    if (write && this.#readsOnly) return { kind: 'no-slot', retryAfterMs: 0 };
    const make = send.exchange.cacheSeconds ? sharedExchange : makeExchange;
    return make(
      this.core,
      this.connection,
      { ...send, context },
      {
        laneClass: 'reconcile',
        laneBudgetMs: this.#readsOnly ? GLANCE_BUDGET_MS : LANE_BUDGET_MS,
        timeoutMs: write ? WRITE_MS : READ_MS,
        operationId: this.operation.id,
        beforeSend: () => this.#beforeSend(write),
        startWithinMs: LEASE_MS * 2 - WRITE_MS,
      },
    );
  }

  async #beforeSend(write: boolean): Promise<boolean> {
    const { operations } = this.core.stores;
    if (!write) return operations.renew(this.core.database.direct, this.claim, LEASE_MS * 2);
    this.#repeated = true;
    const marked = await operations.markRepeat(this.core.database.direct, this.claim, LEASE_MS * 2);
    crashPoint('reconcile:marked');
    return marked;
  }

  async conclude(verdict: Verdict<unknown>, search: Search): Promise<void> {
    const { core, operation } = this;
    const tried = {
      ...search,
      held: undefined,
      tries: search.tries + 1,
      absents: search.absents + (verdict.verdict === 'absent' ? 1 : 0),
      ...(verdict.verdict === 'absent' && verdict.refusal
        ? { told: storedProblem(verdict.refusal, operation.id) }
        : {}),
    };
    await this.#note(tried.tries, verdict);
    try {
      await this.#follow(verdict, tried);
    } catch (error) {
      // Counts as a probe as well: found and never stored, it would keep the operation from a person.
      core.log('error', 'what a look for a lost answer found could not be stored', {
        operationId: operation.id,
        error: String(error),
      });
      await this.#scheduleNext(tried);
    }
  }

  async #follow(verdict: Verdict<unknown>, tried: Search): Promise<void> {
    if (verdict.verdict === 'executed') return this.#executed(verdict, tried);
    if (verdict.verdict === 'absent' && (await this.#proven(tried))) return this.#absent(verdict, tried);
    if (verdict.verdict === 'inconclusive' && verdict.final)
      return handToPerson(this.core, this, tried, 'none');
    await this.#scheduleNext(tried);
  }

  #note(probe: number, seen: Verdict<unknown>): Promise<void> {
    const { core, operation } = this;
    return core.stores.operations.note(core.database.direct, operation, {
      probe,
      verdict: seen.verdict,
      ...('note' in seen && seen.note ? { note: seen.note } : {}),
    });
  }

  async #executed(
    verdict: Extract<Verdict<unknown>, { verdict: 'executed' }>,
    search: Search,
  ): Promise<void> {
    if (verdict.evidence === 'weak' && !this.#acceptsWeak && !this.#isEarn)
      return handToPerson(this.core, this, search, 'weak');
    const reconcile = { ...search, nextAt: undefined };
    const { result, evidence } = verdict;
    try {
      await settle(this.core, this, { state: 'succeeded', evidence, result, ask: this.#asked, reconcile });
    } catch (error) {
      if (!(error instanceof AnothersEffect)) throw error;
      // The timeline must not name it as this operation's effect either.
      await this.#note(search.tries, { verdict: 'inconclusive', note: ANOTHERS });
      await this.#scheduleNext(search);
    }
  }

  async #absent(verdict: Extract<Verdict<unknown>, { verdict: 'absent' }>, search: Search): Promise<void> {
    const evidence = verdict.evidence ?? 'strong';
    if (evidence === 'weak' && !this.#acceptsWeak) return handToPerson(this.core, this, search, 'weak');
    await settle(this.core, this, {
      state: 'rejected',
      evidence,
      problem: search.told ?? storedProblem(lost(), this.operation.id),
      reconcile: { ...search, nextAt: undefined },
    });
  }

  get #acceptsWeak(): boolean {
    return this.connection.settings.onWeakEvidence === 'accept';
  }

  /** A purchase that spends no points: if weak evidence is wrong, nobody has paid twice. */
  get #isEarn(): boolean {
    const { kind, spend } = this.operation;
    return kind === 'createPurchase' && !spend;
  }

  /** "Absent" is believed only after the settle time since the last send, and only if seen more than once. */
  async #proven(search: Search): Promise<boolean> {
    if (this.#repeated || search.absents < ABSENTS_NEEDED) return false;
    const since = this.core.now().getTime() - this.operation.lastSentAt!.getTime();
    return since >= (this.plan.reconcile!.settleSeconds ?? SETTLE_SECONDS) * 1_000;
  }

  async #scheduleNext(search: Search): Promise<void> {
    const { core, operation } = this;
    const sent = (await core.stores.operations.byId(core.database.direct, operation.id))!.lastSentAt!;
    const nextAt = nextProbe(core.now(), sent, search.tries);
    if (!nextAt) return handToPerson(core, this, search, 'none');
    const end = await this.#end();
    await this.postpone(search, end && end < nextAt ? end : nextAt);
  }

  /** Gives the row back unchanged, to the scheduled probe. */
  async release(search: Search): Promise<void> {
    const { core, claim } = this;
    const nextAt = search.nextAt === undefined ? core.now() : new Date(search.nextAt);
    await core.stores.operations.putOff(core.database.direct, claim, search, nextAt);
  }

  /** Nothing was asked: comes back when the lane has room, or later and later while the provider answers nobody. */
  async putBack(search: Search, { waitMs, circuitOpen }: NotAsked): Promise<void> {
    const now = this.core.now().getTime();
    const sentAt = this.operation.lastSentAt!.getTime();
    const pauseMs = circuitOpen ? heldPause(now - sentAt, waitMs) : waitMs;
    await this.postpone({ ...search, held: circuitOpen }, new Date(now + pauseMs));
  }

  /** Schedules the next probe, after the shortest pause at least; no event is emitted. */
  async postpone(search: Search, at: Date): Promise<void> {
    const { core, operation, claim } = this;
    const now = core.now().getTime();
    const nextAt = new Date(Math.max(at.getTime(), now + SHORTEST_PAUSE_MS));
    const next = { ...search, nextAt: nextAt.toISOString() };
    if (!(await core.stores.operations.putOff(core.database.direct, claim, next, nextAt))) return;
    await core.jobs
      .operation('reconcile', operation.id, `probe-${claim.fence}`, nextAt.getTime() - now)
      .catch(() => undefined);
  }
}

/** Hands the operation to a person (`needs-review`). */
export async function handToPerson(
  core: Core,
  at: ClaimedOperation,
  search: Search,
  evidence: 'weak' | 'none',
): Promise<void> {
  await settle(core, at, {
    state: 'needs-review',
    evidence,
    reconcile: { ...search, nextAt: undefined },
  });
}

const lost = (): Refusal =>
  new Refusal('provider-rejected', {
    detail:
      'The request was lost: the provider has no record of it. Nothing was executed; send it again with a new Idempotency-Key (the same merchantReference can be used).',
  });
