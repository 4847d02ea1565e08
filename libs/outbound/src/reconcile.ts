import { retryClassOf } from '#adapter-kit';
import type { ReconcileContext, Send, Verdict } from '#adapter-kit';
import { Refusal } from '#canonical';
import type { Claim, StoredOperation } from '#persistence';
import { connectionById } from './connection.js';
import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';
import { doingFor } from './doing.js';
import { makeExchange } from './exchange.js';
import { sharedExchange } from './shared-exchange.js';
import type { Made } from './exchange.js';
import { LEASE_MS, READ_MS, WRITE_MS } from './call-times.js';
import type { Doing } from './kinds/kind.js';
import { storedProblem } from './problem-of.js';
import { probeDelay } from './retry.js';
import { runPlan } from './run-plan.js';
import { settle } from './settle.js';
import { StepBook } from './step-book.js';

/** What the row keeps of the search for the truth. */
export interface Search {
  strategy: string;
  tries: number;
  /** Probes that looked in the right place and found nothing. */
  absents: number;
  reason: string;
  nextAt?: string;
}

const SETTLE_SECONDS = 60;
const ABSENTS_NEEDED = 2;
/** How long a probe may stand in the lane; a busy lane only means that it comes back. */
const LANE_BUDGET_MS = 5_000;

/** Probes once for the truth about an operation whose answer was lost. Safe to call at any time, from any process. */
export async function reconcile(core: Core, operationId: string): Promise<void> {
  const claim = await core.stores.operations.claimUnknown(
    core.database.direct,
    operationId,
    core.owner,
    LEASE_MS * 2,
  );
  if (!claim) return;
  const operation = (await core.stores.operations.byId(core.database.direct, operationId))!;
  const connection = await connectionById(core, core.database.direct, operation.connectionId);
  const doing = doingFor(connection, operation);
  const search = operation.reconcile as unknown as Search;
  if (!doing.reconcile)
    return review(core, { operation, connection, claim }, { ...search, nextAt: undefined }, 'none');
  const probe = new Probe(core, operation, connection, claim, doing);
  await probe.conclude(await probe.look(), search);
}

type At = { operation: StoredOperation; connection: OpenConnection; claim: Claim };

async function review(
  core: Core,
  at: At,
  search: Search,
  evidence: 'weak' | 'none',
  problem?: Refusal,
): Promise<void> {
  const stored = problem ? storedProblem(problem, at.operation.id) : undefined;
  await settle(core, at, {
    state: 'needs-review',
    evidence,
    reconcile: { ...search, nextAt: undefined },
    problem: stored,
  });
}

/** One look for one operation. */
class Probe {
  #repeated = false;

  constructor(
    readonly core: Core,
    readonly operation: StoredOperation,
    readonly connection: OpenConnection,
    readonly claim: Claim,
    readonly doing: Doing,
  ) {}

  async look(): Promise<Verdict<unknown>> {
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
      tries: search.tries + 1,
      before: StepBook.open(core, operation).before(),
    };
    const ask = core.vault.open('operation', operation.id, operation.ask!);
    const end = await runPlan(this.doing.reconcile!.run(ask, context), send => this.#make(send, context));
    if (end.kind === 'done') return end.result;
    return { verdict: 'inconclusive', note: 'reason' in end ? end.reason : end.kind };
  }

  async #make(send: Send, context: ReconcileContext): Promise<Made> {
    const retryClass = retryClassOf(send.exchange, this.connection.settings);
    const write = retryClass !== 'read';
    if (write && retryClass !== 'keyed' && retryClass !== 'absolute') {
      throw new Error(`Reconciliation may not repeat ${send.exchange.name}: its class is ${retryClass}.`);
    }
    const make = send.exchange.cacheSeconds ? sharedExchange : makeExchange;
    return make(
      this.core,
      this.connection,
      { ...send, context },
      {
        laneClass: 'reconcile',
        laneBudgetMs: LANE_BUDGET_MS,
        timeoutMs: write ? WRITE_MS : READ_MS,
        operationId: this.operation.id,
        beforeSend: () => this.#keep(write),
      },
    );
  }

  async #keep(write: boolean): Promise<boolean> {
    const { operations } = this.core.stores;
    if (!write) return operations.renew(this.core.database.direct, this.claim, LEASE_MS * 2);
    this.#repeated = true;
    return operations.markRepeat(this.core.database.direct, this.claim, LEASE_MS * 2);
  }

  async conclude(verdict: Verdict<unknown>, search: Search): Promise<void> {
    const { core, operation } = this;
    const tried = {
      ...search,
      tries: search.tries + 1,
      absents: search.absents + (verdict.verdict === 'absent' ? 1 : 0),
    };
    await core.stores.operations.note(core.database.direct, operation, {
      probe: tried.tries,
      verdict: verdict.verdict,
    });
    if (verdict.verdict === 'executed') return this.#executed(verdict, tried);
    if (verdict.verdict === 'absent' && (await this.#proven(tried))) return this.#absent(verdict, tried);
    await this.#later(tried);
  }

  async #executed(
    verdict: Extract<Verdict<unknown>, { verdict: 'executed' }>,
    search: Search,
  ): Promise<void> {
    if (verdict.evidence === 'weak' && !this.#acceptsWeak) return review(this.core, this, search, 'weak');
    const ask = this.core.vault.open('operation', this.operation.id, this.operation.ask!);
    await settle(this.core, this, {
      state: 'succeeded',
      evidence: verdict.evidence,
      result: verdict.result,
      ask,
      reconcile: { ...search, nextAt: undefined },
    });
  }

  async #absent(verdict: Extract<Verdict<unknown>, { verdict: 'absent' }>, search: Search): Promise<void> {
    const evidence = verdict.evidence ?? 'strong';
    const refusal =
      verdict.refusal ??
      new Refusal('provider-rejected', {
        detail:
          'The request got lost: the provider has no trace of it. Nothing was executed; send it again with a new Idempotency-Key (the merchantReference is free).',
      });
    if (evidence === 'weak' && !this.#acceptsWeak) return review(this.core, this, search, 'weak', refusal);
    await settle(this.core, this, {
      state: 'rejected',
      evidence,
      problem: storedProblem(refusal, this.operation.id),
      reconcile: { ...search, nextAt: undefined },
    });
  }

  get #acceptsWeak(): boolean {
    return this.connection.settings.onWeakEvidence === 'accept';
  }

  /** "Absent" counts only a settle time after the last send, and more than once. */
  async #proven(search: Search): Promise<boolean> {
    if (this.#repeated || search.absents < ABSENTS_NEEDED) return false;
    const since = this.core.now().getTime() - this.operation.lastSentAt!.getTime();
    return since >= (this.doing.reconcile!.settleSeconds ?? SETTLE_SECONDS) * 1_000;
  }

  async #later(search: Search): Promise<void> {
    const { core, operation, claim } = this;
    const sent = (await core.stores.operations.byId(core.database.direct, operation.id))!.lastSentAt!;
    const nextAt = nextProbe(core.now(), sent, search.tries);
    if (!nextAt) return review(core, this, search, 'none');
    const next = { ...search, nextAt: nextAt.toISOString() };
    if (!(await settle(core, this, { state: 'unknown', evidence: 'none', reconcile: next, wakeAt: nextAt })))
      return;
    const delay = Math.max(0, nextAt.getTime() - core.now().getTime());
    await core.jobs
      .operation('reconcile', operation.id, `probe-${claim.fence}`, delay)
      .catch(() => undefined);
  }
}

/** When the next probe is due: on its step of the schedule after the last send, never in the past, one second apart at least. */
export function nextProbe(now: Date, lastSentAt: Date, tries: number): Date | null {
  const delay = probeDelay(tries);
  if (delay === null) return null;
  return new Date(Math.max(lastSentAt.getTime() + delay, now.getTime() + 1_000));
}
