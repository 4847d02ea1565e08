import type { Verdict } from '#adapter-kit';
import { Refusal } from '#canonical';
import type { PurchaseAsk } from '#canonical';
import type { Search, StoredOperation } from '#persistence';
import { spends } from '../kinds/receipt.js';
import { storedProblem } from '../run/stored-problem.js';
import { settle } from '../run/settle.js';
import { AnothersEffect } from '../run/settlement.js';
import { handToPerson } from './hand-to-person.js';
import { scheduleNext, shouldShow } from './next-look.js';
import type { Probe } from './probe.js';

/** How many looks have to answer "absent" before it is believed. */
const ABSENTS_NEEDED = 2;

const ANOTHERS =
  'What was found belongs, or may belong, to another operation, so it proves nothing about this one.';

type Executed = Extract<Verdict<unknown>, { verdict: 'executed' }>;
type Absent = Extract<Verdict<unknown>, { verdict: 'absent' }>;

/** What follows from what a probe has seen: the outcome is stored, the next look is scheduled, or a person gets the operation. */
export class Conclusion {
  constructor(readonly probe: Probe) {}

  /** Draws it from a verdict. */
  async draw(verdict: Verdict<unknown>): Promise<void> {
    const { core, operation, search } = this.probe;
    const tried = {
      ...search,
      held: undefined,
      tries: search.tries + 1,
      ...(verdict.verdict === 'absent' && { absents: search.absents + 1, unseen: true as const }),
      ...answerIn(verdict, operation),
    };
    await this.#note(tried.tries, verdict);
    try {
      await this.#follow(verdict, tried);
    } catch (error) {
      // Counts as a probe all the same: what is found each time and can never be stored must go to a person in the end.
      core.log('error', 'what a look for a lost answer found could not be stored', {
        operationId: operation.id,
        error: String(error),
      });
      await scheduleNext(this.probe, tried);
    }
  }

  async #follow(verdict: Verdict<unknown>, tried: Search): Promise<void> {
    if (verdict.verdict === 'executed') return this.#executed(verdict, tried);
    if (verdict.verdict === 'absent' && this.#proven(tried)) return this.#absent(verdict, tried);
    if (verdict.verdict === 'inconclusive' && verdict.final) return this.#handToPerson(tried, 'none');
    await scheduleNext(this.probe, tried, verdict);
  }

  #note(tries: number, seen: Verdict<unknown>): Promise<void> {
    const { core, operation } = this.probe;
    return core.stores.operations.note(core.database.direct, operation, {
      probe: tries,
      verdict: seen.verdict,
      ...('note' in seen && seen.note ? { note: seen.note } : {}),
    });
  }

  async #executed({ evidence, result }: Executed, search: Search): Promise<void> {
    if (evidence === 'weak' && !this.#acceptsWeak && !this.#isEarn) return this.#handToPerson(search, 'weak');
    const { core, ask } = this.probe;
    const reconcile = { ...search, nextAt: undefined };
    try {
      await settle(core, this.probe, { state: 'succeeded', evidence, result, ask, reconcile });
    } catch (error) {
      if (!(error instanceof AnothersEffect)) throw error;
      // The timeline must not name it as this operation's effect either.
      await this.#note(search.tries, { verdict: 'inconclusive', note: ANOTHERS });
      // Once its own effect should have shown, further looks would find the same.
      if (shouldShow(this.probe)) return this.#handToPerson(search, 'none');
      await scheduleNext(this.probe, search);
    }
  }

  async #absent({ evidence = 'strong' }: Absent, search: Search): Promise<void> {
    if (evidence === 'weak' && !this.#acceptsWeak) return this.#handToPerson(search, 'weak');
    const { core, operation } = this.probe;
    await settle(core, this.probe, {
      state: 'rejected',
      evidence,
      problem: search.told ?? storedProblem(lost(operation), operation.id),
      reconcile: { ...search, nextAt: undefined },
    });
  }

  #handToPerson(search: Search, evidence: 'weak' | 'none'): Promise<void> {
    return handToPerson(this.probe.core, this.probe, search, evidence);
  }

  get #acceptsWeak(): boolean {
    return this.probe.connection.settings.onWeakEvidence === 'accept';
  }

  /** A purchase that spends no points: if weak evidence is wrong, nobody has paid twice. */
  get #isEarn(): boolean {
    const { operation, ask } = this.probe;
    // The row's `spend` does not say it: an upgrade cleared it on spends that stood beside another one already.
    return operation.kind === 'createPurchase' && !spends((ask as PurchaseAsk).receipt);
  }

  /** "Absent" is believed only after the settle time since the last send, and only if seen more than once. */
  #proven({ absents }: Search): boolean {
    return !this.probe.repeated && absents >= ABSENTS_NEEDED && shouldShow(this.probe);
  }
}

/** What the verdict says about the answer to a repeated request, for the row. */
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
