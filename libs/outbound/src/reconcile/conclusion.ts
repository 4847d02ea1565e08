import { SETTLE_SECONDS } from '#adapter-kit';
import type { Verdict } from '#adapter-kit';
import { Refusal } from '#canonical';
import type { PurchaseAsk } from '#canonical';
import type { Search, StoredOperation } from '#persistence';
import type { Core } from '../core/core.js';
import { spends } from '../kinds/receipt.js';
import { storedProblem } from '../run/stored-problem.js';
import { settle } from '../run/settle.js';
import { AnothersEffect } from '../run/settlement.js';
import type { ClaimedOperation } from '../run/settlement.js';
import type { NoTurn, Probe } from './probe.js';
import { SHORTEST_PAUSE_MS, nextProbe, silencePause } from './probe-schedule.js';

const ABSENTS_NEEDED = 2;
const CONFIRM_MS = 5_000;
const UNSEEN = { unseen: true } as const;
const ANOTHERS =
  'What was found belongs, or may belong, to another operation, so it proves nothing about this one.';

/** What follows from a probe: the outcome is stored, the next probe is scheduled, or a person gets the operation. */
export class Conclusion {
  readonly core: Core;
  /** What was known before the probe. */
  readonly search: Search;

  constructor(readonly probe: Probe) {
    this.core = probe.core;
    this.search = probe.search;
  }

  /** Draws it from a verdict. */
  async draw(verdict: Verdict<unknown>): Promise<void> {
    const { core, search } = this;
    const { operation } = this.probe;
    const tried = {
      ...search,
      held: undefined,
      tries: search.tries + 1,
      absents: search.absents + (verdict.verdict === 'absent' ? 1 : 0),
      ...(verdict.verdict === 'absent' && UNSEEN),
      ...answerIn(verdict, operation),
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
    if (verdict.verdict === 'absent' && this.#proven(tried)) return this.#absent(verdict, tried);
    if (verdict.verdict === 'inconclusive' && verdict.final)
      return handToPerson(this.core, this.probe, tried, 'none');
    await this.#scheduleNext(tried, verdict);
  }

  #note(tries: number, seen: Verdict<unknown>): Promise<void> {
    const { core, probe } = this;
    return core.stores.operations.note(core.database.direct, probe.operation, {
      probe: tries,
      verdict: seen.verdict,
      ...('note' in seen && seen.note ? { note: seen.note } : {}),
    });
  }

  async #executed(
    verdict: Extract<Verdict<unknown>, { verdict: 'executed' }>,
    search: Search,
  ): Promise<void> {
    if (verdict.evidence === 'weak' && !this.#acceptsWeak && !this.#isEarn)
      return handToPerson(this.core, this.probe, search, 'weak');
    const reconcile = { ...search, nextAt: undefined };
    const { result, evidence } = verdict;
    try {
      await settle(this.core, this.probe, {
        state: 'succeeded',
        evidence,
        result,
        ask: this.probe.ask,
        reconcile,
      });
    } catch (error) {
      if (!(error instanceof AnothersEffect)) throw error;
      // The timeline must not name it as this operation's effect either.
      await this.#note(search.tries, { verdict: 'inconclusive', note: ANOTHERS });
      // Once its own effect should have shown, further looks would find the same.
      if (this.#lostForMs(this.probe.operation.lastSentAt!) >= this.#settleMs)
        return handToPerson(this.core, this.probe, search, 'none');
      await this.#scheduleNext(search);
    }
  }

  async #absent(verdict: Extract<Verdict<unknown>, { verdict: 'absent' }>, search: Search): Promise<void> {
    const evidence = verdict.evidence ?? 'strong';
    if (evidence === 'weak' && !this.#acceptsWeak) return handToPerson(this.core, this.probe, search, 'weak');
    await settle(this.core, this.probe, {
      state: 'rejected',
      evidence,
      problem: search.told ?? storedProblem(lost(this.probe.operation), this.probe.operation.id),
      reconcile: { ...search, nextAt: undefined },
    });
  }

  get #acceptsWeak(): boolean {
    return this.probe.connection.settings.onWeakEvidence === 'accept';
  }

  /** A purchase that spends no points: if weak evidence is wrong, nobody has paid twice. */
  get #isEarn(): boolean {
    const { operation, ask } = this.probe;
    // Not by the row's `spend`: an upgrade took it from those that stood beside another one already.
    return operation.kind === 'createPurchase' && !spends((ask as PurchaseAsk).receipt);
  }

  /** "Absent" is believed only after the settle time since the last send, and only if seen more than once. */
  #proven(search: Search): boolean {
    const { repeated, operation } = this.probe;
    if (repeated || search.absents < ABSENTS_NEEDED) return false;
    return this.#lostForMs(operation.lastSentAt!) >= this.#settleMs;
  }

  /** The early steps are used up once the settle time is over. After it, a first "absent" is confirmed soon, and what could not be read is tried again after as long again as the answer is lost. */
  #againMs(sentAt: Date, { absents }: Search, seen?: Verdict<unknown>): number | undefined {
    const lostForMs = this.#lostForMs(sentAt);
    if (lostForMs < this.#settleMs) return undefined;
    if (seen?.verdict === 'inconclusive' && seen.unread) return lostForMs;
    return seen?.verdict === 'absent' && absents < ABSENTS_NEEDED ? CONFIRM_MS : undefined;
  }

  #lostForMs(sentAt: Date): number {
    return this.core.now().getTime() - sentAt.getTime();
  }

  get #settleMs(): number {
    return (this.probe.plan.reconcile!.settleSeconds ?? SETTLE_SECONDS) * 1_000;
  }

  async #scheduleNext(search: Search, seen?: Verdict<unknown>): Promise<void> {
    const { core } = this;
    const { operation } = this.probe;
    const sentAt = (await core.stores.operations.byId(core.database.direct, operation.id))!.lastSentAt!;
    const { tries } = search;
    const nextAt = nextProbe(core.now(), { sentAt, tries, againMs: this.#againMs(sentAt, search, seen) });
    if (!nextAt) return handToPerson(core, this.probe, search, 'none');
    const end = await this.probe.effectEnds();
    await this.#postpone(search, end && end < nextAt ? end : nextAt);
  }

  /** Gives the row back to the scheduled probe, as it was but for a look that answered "absent". */
  async giveBack(seen: 'absent' | 'other'): Promise<void> {
    const { core } = this;
    const search = { ...this.search, ...(seen === 'absent' && UNSEEN) };
    const nextAt = search.nextAt === undefined ? core.now() : new Date(search.nextAt);
    await core.stores.operations.putOff(core.database.direct, this.probe.claim, search, nextAt);
  }

  /** Nothing was asked: comes back when the lane has room, or later and later while the provider answers nobody. */
  async putBack({ waitMs, circuitOpen }: NoTurn): Promise<void> {
    const now = this.core.now().getTime();
    const sentAt = this.probe.operation.lastSentAt!.getTime();
    const pauseMs = circuitOpen ? silencePause(now - sentAt, waitMs) : waitMs;
    await this.#postpone({ ...this.search, held: circuitOpen }, new Date(now + pauseMs));
  }

  /** Schedules the next probe, after the shortest pause at least; no event is emitted. */
  async #postpone(search: Search, at: Date): Promise<void> {
    const { core } = this;
    const { operation, claim } = this.probe;
    const now = core.now().getTime();
    const nextAt = new Date(Math.max(at.getTime(), now + SHORTEST_PAUSE_MS));
    const next = { ...search, nextAt: nextAt.toISOString() };
    if (!(await core.stores.operations.putOff(core.database.direct, claim, next, nextAt))) return;
    // The sweep comes back to it.
    if (search.held) return;
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

/** What the verdict says of the answer to a repeat. */
function answerIn(
  verdict: Verdict<unknown>,
  { id }: StoredOperation,
): Pick<Search, 'told' | 'refused' | 'contradicted'> {
  if (verdict.verdict === 'executed') return {};
  const { refusal } = verdict;
  return {
    ...(refusal && { told: storedProblem(refusal, id), refused: refusal.code }),
    ...('contradicted' in verdict && { contradicted: verdict.contradicted }),
  };
}

const lost = ({ merchantReference }: StoredOperation): Refusal =>
  new Refusal('provider-rejected', {
    detail: `The request was lost: the provider has no record of it. Nothing was executed; send it again with a new Idempotency-Key${merchantReference === null ? '' : ' (the same merchantReference can be used)'}.`,
  });
