import { isDeepStrictEqual } from 'node:util';
import { retryClassOf, unread } from '#adapter-kit';
import type { ReconcileContext, Send, Verdict, WriteBeside } from '#adapter-kit';
import { crashPoint } from '#crash-point';
import type { Claim, Search, StoredOperation } from '#persistence';
import { LEASE_MS, READ_MS, WRITE_MS } from '../core/timeouts.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import type { ExchangeOutcome } from '../calls/exchange.js';
import type { WritePlan } from '../kinds/kind.js';
import { kindOf } from '../kinds/kinds.js';
import { asNoSlot } from '../run/no-turn.js';
import { isRepeatable } from '../run/retry.js';
import { runPlan } from '../run/run-plan.js';
import { makeOrShareExchange } from '../calls/shared-exchange.js';
import { StepBook } from '../run/step-book.js';

/** How long a probe waits in the lane, in milliseconds; in a busy lane it comes back later. */
const LANE_BUDGET_MS = 5_000;
/** The same for a glance, which is not worth a place in a busy lane. */
const GLANCE_BUDGET_MS = 300;

/** The lane had no start, or its store or the provider answers nobody: nothing was asked. */
export interface NoTurn {
  verdict: 'no-turn';
  waitMs: number;
  /** The provider answers nobody. */
  circuitOpen?: true;
}

/** One probe for one operation: what the provider says of it now. `Conclusion` says what follows. */
export class Probe {
  /** What is known so far. */
  readonly search: Search;
  #repeated = false;
  #readsOnly = false;
  #ask: unknown;

  constructor(
    readonly core: Core,
    readonly operation: StoredOperation,
    readonly connection: OpenConnection,
    readonly claim: Claim,
    readonly plan: WritePlan,
  ) {
    this.search = operation.reconcile!;
  }

  /** Whether it sent the write again. */
  get repeated(): boolean {
    return this.#repeated;
  }

  /** The ask as it saw it. */
  get ask(): unknown {
    return this.#ask;
  }

  /** `readsOnly` = never repeats the write. `taken` = another process has the row; neither that nor `no-turn` counts as a probe. */
  async look({ readsOnly = false } = {}): Promise<Verdict<unknown> | { verdict: 'taken' } | NoTurn> {
    this.#readsOnly = readsOnly;
    if (this.connection.closed)
      return {
        verdict: 'inconclusive',
        note: 'The stored credentials of the connection cannot be decrypted, so nothing was asked.',
      };
    const { core, operation } = this;
    try {
      const context = await this.#context();
      this.#ask = await this.#freshAsk();
      const plan = this.plan.reconcile!.run(this.#ask, context);
      const end = await runPlan(plan, send => this.#make(send, context));
      if (end.kind === 'done') return await this.#unlessDisturbed(end.result, context);
      if (end.kind === 'taken') return { verdict: 'taken' };
      if ('retryAfterMs' in end)
        return {
          verdict: 'no-turn',
          waitMs: end.retryAfterMs,
          ...('circuitOpen' in end && { circuitOpen: true as const }),
        };
      return unread('reason' in end ? end.reason : end.kind);
    } catch (error) {
      // A probe that throws counts as a probe: repeated for ever, it would keep the operation from a person.
      core.log('error', 'a look for a lost answer broke', {
        operationId: operation.id,
        error: String(error),
      });
      return { verdict: 'inconclusive', note: 'The look-up failed with an internal error.' };
    }
  }

  async #context(): Promise<ReconcileContext> {
    const { core, operation, search, connection } = this;
    const disturbed = await core.stores.balances.moved(core.database.direct, operation);
    // An adapter repeats a write only if it is given the nonce. Through a paused connection we only read. And a write that was sent
    // without its nonce, which the settings may allow by now, must not be repeated with it: the provider would see it for the first time.
    const repeats = operation.retryClass === 'keyed' && connection.state !== 'paused';
    return {
      settings: connection.settings,
      now: core.now(),
      operationId: operation.id,
      ...(repeats && { nonce: operation.nonce }),
      firstSentAt: operation.firstSentAt!,
      lastSentAt: operation.lastSentAt!,
      repeats: operation.repeats,
      tries: this.#readsOnly ? 0 : search.tries + 1,
      before: StepBook.open(core, operation).before(),
      disturbed,
      ...(disturbed && { beside: await this.#beside() }),
      ...(search.denied && { denied: true as const }),
      ...(search.unseen && { unseen: true as const }),
      ...(search.refused && { refused: search.refused }),
      ...(search.contradicted && { contradicted: true as const }),
    };
  }

  /** A balance is no evidence if another write of the customer may have changed it during the probe. */
  async #unlessDisturbed(
    verdict: Verdict<unknown>,
    { disturbed, beside }: ReconcileContext,
  ): Promise<Verdict<unknown>> {
    const weak = 'evidence' in verdict && verdict.evidence === 'weak';
    if (!weak || (disturbed && !beside)) return verdict;
    const { core, operation } = this;
    const moved = disturbed
      ? !isDeepStrictEqual(await this.#beside(), beside)
      : await core.stores.balances.moved(core.database.direct, operation);
    return moved
      ? { verdict: 'inconclusive', note: 'Another write for this customer was sent during the look-up.' }
      : verdict;
  }

  #beside(): Promise<WriteBeside | undefined> {
    const { core, operation } = this;
    return core.stores.balances.beside(core.database.direct, operation, core.now());
  }

  /** Whether the effect, if it ever existed, has ended by itself. */
  async isOver(): Promise<boolean> {
    const end = await this.effectEnds();
    return end !== undefined && end <= this.core.now();
  }

  /** When the effect, if it exists, ends by itself. */
  async effectEnds(): Promise<Date | undefined> {
    return kindOf(this.operation.kind).endsBy?.(this.core, this.operation);
  }

  async #freshAsk(): Promise<unknown> {
    const { core, operation } = this;
    const ask = core.vault.open('operation', operation.id, operation.ask!);
    return (await kindOf(operation.kind).refreshAsk?.(core, operation, ask)) ?? ask;
  }

  async #make(send: Send, context: ReconcileContext): Promise<ExchangeOutcome> {
    const retryClass = retryClassOf(send.exchange, this.connection.settings);
    const write = retryClass !== 'read';
    if (write && !isRepeatable(retryClass)) {
      throw new Error(`Reconciliation may not repeat ${send.exchange.name}: its class is ${retryClass}.`);
    }
    if (write && this.#readsOnly) return { kind: 'no-slot', retryAfterMs: 0 };
    return makeOrShareExchange(
      this.core,
      this.connection,
      { ...send, context },
      {
        laneClass: 'reconcile',
        laneBudgetMs: this.#readsOnly ? GLANCE_BUDGET_MS : LANE_BUDGET_MS,
        timeoutMs: write ? WRITE_MS : READ_MS,
        operationId: this.operation.id,
        beforeSend: () => this.#beforeSend(write),
      },
    ).catch(asNoSlot);
  }

  async #beforeSend(write: boolean): Promise<boolean> {
    const { operations, leases } = this.core.stores;
    const { direct } = this.core.database;
    this.#repeated ||= write;
    const isOurs = write
      ? await operations.markRepeat(direct, this.claim, LEASE_MS)
      : await leases.renew(direct, this.claim, LEASE_MS);
    if (write) crashPoint('reconcile:marked');
    if (isOurs) this.core.leases.keep(this.claim);
    return isOurs;
  }
}
