import { retryClassOf } from '#adapter-kit';
import type { ReconcileContext, Send, Verdict } from '#adapter-kit';
import { crashPoint } from '#crash-point';
import { Refusal } from '#canonical';
import type { Problem } from '#canonical';
import type { Claim, StoredOperation } from '#persistence';
import { LEASE_MS, READ_MS, WRITE_MS } from './call-times.js';
import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';
import { makeExchange } from './exchange.js';
import type { Made } from './exchange.js';
import type { Doing } from './kinds/kind.js';
import { kindOf } from './kinds/kinds.js';
import { LaneStoreDown } from './lanes/lanes.js';
import { storedProblem } from './problem-of.js';
import { SHORTEST_PAUSE_MS, heldPause, nextProbe } from './retry.js';
import { runPlan } from './run-plan.js';
import { AnothersEffect, settle } from './settle.js';
import type { Held } from './settle.js';
import { sharedExchange } from './shared-exchange.js';
import { StepBook } from './step-book.js';

/** What the row keeps of the search for the truth. */
export interface Search {
  strategy: string;
  tries: number;
  /** Probes that looked in the right place and found nothing. */
  absents: number;
  reason: string;
  nextAt?: string;
  /** Nobody could ask, since the provider did not answer anybody: looked for at once when it does. */
  held?: true;
  /** What a repeat was refused with: the reason that the caller is told should the effect turn out absent. */
  told?: Problem;
}

const SETTLE_SECONDS = 60;
const ABSENTS_NEEDED = 2;
/** How long a probe may stand in the lane; a busy lane only means that it comes back. */
const LANE_BUDGET_MS = 5_000;
/** A glance is for whoever waits: a lane that is busy anyway has no time for it. */
const GLANCE_BUDGET_MS = 300;
const STORE_DOWN_MS = 2_000;
const ANOTHERS =
  'What was found is, or may be, the effect of another operation; it proves nothing for this one.';

/** Nothing could be asked: somebody else has the row, or the lane has no turn; neither counts as a look. */
type Unasked = { verdict: 'taken' } | NotAsked;
interface NotAsked {
  verdict: 'unasked';
  waitMs: number;
  /** The provider does not answer anybody. */
  circuitOpen?: true;
}

/** One look for one operation. */
export class Probe {
  #repeated = false;
  #readsOnly = false;
  /** The ask as the look saw it. */
  #asked: unknown;

  constructor(
    readonly core: Core,
    readonly operation: StoredOperation,
    readonly connection: OpenConnection,
    readonly claim: Claim,
    readonly doing: Doing,
  ) {}

  /** `readsOnly` = what would send the write again is left for another time. */
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
      const plan = this.doing.reconcile!.run(this.#asked, context);
      const end = await runPlan(plan, send => this.#make(send, context));
      if (end.kind === 'done') return await this.#still(end.result, context);
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
      // A look that breaks is a look: repeated for ever it would keep the outcome from a person.
      core.log('error', 'a look for a lost answer broke', {
        operationId: operation.id,
        error: String(error),
      });
      return { verdict: 'inconclusive', note: 'the look broke' };
    }
  }

  /** A balance that another write of the customer may have moved while it was looked at is no evidence. */
  async #still(verdict: Verdict<unknown>, { disturbed }: ReconcileContext): Promise<Verdict<unknown>> {
    const weak = 'evidence' in verdict && verdict.evidence === 'weak';
    if (!weak || disturbed) return verdict;
    const moved = await this.core.stores.balances.moved(this.core.database.direct, this.operation);
    return moved
      ? { verdict: 'inconclusive', note: 'Another write of this customer left during the look.' }
      : verdict;
  }

  /** Whether the effect has ended by itself, had it ever stood. */
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
    return (await kindOf(operation.kind).recall?.(core, operation, ask)) ?? ask;
  }

  async #make(send: Send, context: ReconcileContext): Promise<Made> {
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
        beforeSend: () => this.#keep(write),
        startWithinMs: LEASE_MS * 2 - WRITE_MS,
      },
    );
  }

  async #keep(write: boolean): Promise<boolean> {
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
    if (verdict.verdict === 'executed') return this.#executed(verdict, tried);
    if (verdict.verdict === 'absent' && (await this.#proven(tried))) return this.#absent(verdict, tried);
    if (verdict.verdict === 'inconclusive' && verdict.final) return review(core, this, tried, 'none');
    await this.#later(tried);
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
      return review(this.core, this, search, 'weak');
    const reconcile = { ...search, nextAt: undefined };
    const { result, evidence } = verdict;
    try {
      await settle(this.core, this, { state: 'succeeded', evidence, result, ask: this.#asked, reconcile });
    } catch (error) {
      if (!(error instanceof AnothersEffect)) throw error;
      // A person who reads the timeline must not take it for this one's either.
      await this.#note(search.tries, { verdict: 'inconclusive', note: ANOTHERS });
      await this.#later(search);
    }
  }

  async #absent(verdict: Extract<Verdict<unknown>, { verdict: 'absent' }>, search: Search): Promise<void> {
    const evidence = verdict.evidence ?? 'strong';
    if (evidence === 'weak' && !this.#acceptsWeak) return review(this.core, this, search, 'weak');
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

  /** A purchase that took no points. Should weak evidence be wrong that it was executed, nobody has paid twice for it. */
  get #isEarn(): boolean {
    const { kind, spend } = this.operation;
    return kind === 'createPurchase' && !spend;
  }

  /** "Absent" counts only a settle time after the last send, and more than once. */
  async #proven(search: Search): Promise<boolean> {
    if (this.#repeated || search.absents < ABSENTS_NEEDED) return false;
    const since = this.core.now().getTime() - this.operation.lastSentAt!.getTime();
    return since >= (this.doing.reconcile!.settleSeconds ?? SETTLE_SECONDS) * 1_000;
  }

  async #later(search: Search): Promise<void> {
    const { core, operation } = this;
    const sent = (await core.stores.operations.byId(core.database.direct, operation.id))!.lastSentAt!;
    const nextAt = nextProbe(core.now(), sent, search.tries);
    if (!nextAt) return review(core, this, search, 'none');
    const end = await this.#end();
    await this.postpone(search, end && end < nextAt ? end : nextAt);
  }

  /** Leaves the row as it was found, to the probe that is due by its schedule. */
  async leave(search: Search): Promise<void> {
    const { core, claim } = this;
    const nextAt = search.nextAt === undefined ? core.now() : new Date(search.nextAt);
    await core.stores.operations.putOff(core.database.direct, claim, search, nextAt);
  }

  /** Nothing was asked: comes back when there is room, or later and later while the provider does not answer anybody. */
  async putBack(search: Search, { waitMs, circuitOpen }: NotAsked): Promise<void> {
    const now = this.core.now().getTime();
    const sentAt = this.operation.lastSentAt!.getTime();
    const pauseMs = circuitOpen ? heldPause(now - sentAt, waitMs) : waitMs;
    await this.postpone({ ...search, held: circuitOpen }, new Date(now + pauseMs));
  }

  /** Comes back at this moment, or after the shortest pause, with what is known so far; nothing of it is news. */
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

/** Hands the operation to a person, with what is known of it. */
export async function review(core: Core, at: Held, search: Search, evidence: 'weak' | 'none'): Promise<void> {
  await settle(core, at, {
    state: 'needs-review',
    evidence,
    reconcile: { ...search, nextAt: undefined },
  });
}

const lost = (): Refusal =>
  new Refusal('provider-rejected', {
    detail:
      'The request got lost: the provider has no trace of it. Nothing was executed; send it again with a new Idempotency-Key (the merchantReference is free).',
  });
