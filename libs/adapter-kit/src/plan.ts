import type { Refusal } from '#canonical';
import type { Context, Exchange } from './exchange.js';

/** A plan's wish: send this exchange with this ask and give me what it reads. */
export interface Send {
  exchange: Exchange;
  ask: unknown;
  /** What was read before, and may be shared, is out of date: ask anew, for all who share it. */
  anew?: true;
}

/** Steps of one operation as a generator: it yields exchanges and is given their results, so it needs no I/O; results are saved on the operation's row and replayed after a crash. */
export type PlanRun<Result> = Generator<Send, Result, unknown>;

/** Several declared steps of one operation, of which exactly one call has an effect. */
export interface Steps<Ask = any, Result = any> {
  /** The call that has the effect (for reads: the last); its retry class is the operation's. */
  call: Exchange;
  /** Throws a `Refusal` when the answer is known without asking; may catch the `Refusal` of a step. */
  run(ask: Ask, context: Context<any>): PlanRun<Result>;
}

/** Declares the steps of an operation: `steps(createOperation, function* (ask, context) { const program = yield* send(getSettings, {}); … })`. */
export const steps = <Ask, Result>(
  call: Exchange,
  run: (ask: Ask, context: Context<any>) => PlanRun<Result>,
): Steps<Ask, Result> => ({ call, run });

/** Asks for one exchange inside a plan; throws its `Refusal`, `Unanswered` or `Unreadable` there. */
export function* send<Ask, Result>(
  exchange: Exchange<Ask, Result>,
  ask: Ask,
): Generator<Send, Result, unknown> {
  return (yield { exchange, ask }) as Result;
}

/** As `send`, for a read whose earlier answer proved out of date. */
export function* sendAnew<Ask, Result>(
  exchange: Exchange<Ask, Result>,
  ask: Ask,
): Generator<Send, Result, unknown> {
  return (yield { exchange, ask, anew: true }) as Result;
}

/** What reconciliation learnt of a write whose answer was lost. */
export type Verdict<Result> =
  | { verdict: 'executed'; result: Result; evidence: 'proof' | 'strong' | 'weak' }
  /** Looked in the right place and it is not there; counts only after the settle time. `refusal` = what a repeat was told; strong unless said. */
  | { verdict: 'absent'; refusal?: Refusal; evidence?: 'strong' | 'weak' }
  /** Could not look, or what was seen fits both. */
  /** `final` = no later look can see more: a person must. */
  | { verdict: 'inconclusive'; note?: string; final?: boolean };

/** What a reconcile plan may look at. */
export interface ReconcileContext<Settings = any> extends Context<Settings> {
  /** When the first and the last request that may have had the effect left. */
  firstSentAt: Date;
  lastSentAt: Date;
  /** How often the same bytes were sent again by reconciliation; a plan repeats at most once. */
  repeats: number;
  /** Which probe this is, from 1. */
  tries: number;
  /** What the plan's steps had read before the effect, by exchange name. */
  before: Record<string, unknown>;
  /** Another write of the same customer through the gateway may have moved their balance since `before` was read. */
  disturbed?: boolean;
}

/** How the truth about a lost answer is found: declared beside the call, evidence included. */
export interface Reconcile<Ask = any, Result = any> {
  /** Its name in `operation.reconcile.strategy`: `operations-list`, `balance-delta`. */
  strategy: string;
  /** How long after the last send "absent" proves nothing; 60 s unless the provider says more. */
  settleSeconds?: number;
  /** Reads what it needs; may yield the writing exchange itself only when it is keyed or absolute. */
  run(ask: Ask, context: ReconcileContext): PlanRun<Verdict<Result>>;
}
