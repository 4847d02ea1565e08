import { Refusal } from '#canonical';
import type { ErrorCode, HeldPoints, PurchaseData } from '#canonical';
import { Unanswered, Unreadable } from './exchange.js';
import type { Context, Exchange } from './exchange.js';

/** A plan's request to send an exchange and return its result. */
export interface Send {
  exchange: Exchange;
  ask: unknown;
  /** Bypasses and replaces the cached result, which proved out of date. */
  anew?: true;
  /** Nothing depends on it, so nobody waits for it in a lane: without a free start it is `Unanswered`. */
  aside?: true;
  /** Relies on a balance that is what it was: `Unanswered`, and not sent, where another write of the customer may have moved it since the operation began. */
  ifUnmoved?: true;
}

/** Steps of one operation as a generator: it yields exchanges and receives their results, so it does no I/O; results are stored on the operation's row and replayed after a crash. */
export type PlanRun<Result> = Generator<Send, Result, unknown>;

/** Several declared steps of one operation, of which exactly one call has an effect. */
export interface Steps<Ask = any, Result = any> {
  /** The call that has the effect (for reads: the last); its retry class is the operation's. */
  call: Exchange;
  /** Throws a `Refusal` if the answer is known without a request; may catch the `Refusal` of a step. */
  run(ask: Ask, context: Context<any>): PlanRun<Result>;
}

/** Declares the steps of an operation: `steps(createOperation, function* (ask, context) { const program = yield* send(getSettings, {}); … })`. */
export const steps = <Ask, Result>(
  call: Exchange,
  run: (ask: Ask, context: Context<any>) => PlanRun<Result>,
): Steps<Ask, Result> => ({ call, run });

/** The call of an operation that has the effect (of a read: the last one), whether it takes several steps or that call alone. */
export const callOf = (does: Exchange | Steps): Exchange => ('run' in does ? does.call : does);

/** How a plan sends an exchange: returns its result, throws its `Refusal`, `Unanswered` or `Unreadable`. */
export type Sender = <Ask, Result>(exchange: Exchange<Ask, Result>, ask: Ask) => PlanRun<Result>;

const sender = (how: Omit<Send, 'exchange' | 'ask'> = {}): Sender =>
  function* <Ask, Result>(exchange: Exchange<Ask, Result>, ask: Ask): PlanRun<Result> {
    return (yield { exchange, ask, ...how }) as Result;
  };

/** Sends one exchange from within a plan. */
export const send = sender();

/** Like `send`, for a read whose cached result proved out of date. */
export const sendAnew = sender({ anew: true });

/** Like `send`, for a read of a write's plan that only makes its answer more helpful; throws `Unanswered` where it cannot be sent at once. */
export const sendAside = sender({ aside: true });

/** Like `send`, for a write that is sent again because a balance is what it was; throws `Unanswered` where another write of the customer may have moved it in between, perhaps back. */
export const sendIfUnmoved = sender({ ifUnmoved: true });

/** Whether a plan caught the failure of an exchange that it sent; any other error is a bug. */
export const isFailedExchange = (error: unknown): error is Refusal | Unanswered | Unreadable =>
  error instanceof Refusal || error instanceof Unanswered || error instanceof Unreadable;

/** The result of a part of a plan that may fail; `undefined` if an exchange of it did. */
export function* unlessFailed<Result>(part: PlanRun<Result>): PlanRun<Result | undefined> {
  try {
    return yield* part;
  } catch (error) {
    if (isFailedExchange(error)) return undefined;
    throw error;
  }
}

/** The result of a part of a plan; `undefined` if it was refused with this code. Any other failure is thrown. */
export function* unlessRefused<Result>(part: PlanRun<Result>, code: ErrorCode): PlanRun<Result | undefined> {
  try {
    return yield* part;
  } catch (error) {
    if (error instanceof Refusal && error.code === code) return undefined;
    throw error;
  }
}

/**
 * The result of a write whose refusal does not count before it was looked into: a proxy may have sent the write twice, and the provider have
 * refused the second copy because of what the first one did. `look` returns the refusal to tell (nothing = the same one), or throws
 * `Unanswered` where the write may have been done.
 */
export function* ifRefused<Result>(
  part: PlanRun<Result>,
  look: (refusal: Refusal) => PlanRun<Refusal | void>,
): PlanRun<Result> {
  try {
    return yield* part;
  } catch (error) {
    throw error instanceof Refusal ? ((yield* look(error)) ?? error) : error;
  }
}

/** What reconciliation found out about a write whose answer was lost. */
export type Verdict<Result> =
  | { verdict: 'executed'; result: Result; evidence: 'proof' | 'strong' | 'weak' }
  /** The effect was not found; counts only after the settle time. `refusal` = the answer to a repeat; the evidence is `strong` by default. */
  | { verdict: 'absent'; refusal?: Refusal; evidence?: 'strong' | 'weak' }
  | Inconclusive;

/** The look-up failed, or its result fits both. */
interface Inconclusive {
  verdict: 'inconclusive';
  /** Why, for the person who may have to decide. */
  note?: string;
  /** No later look-up can find out more, so a person has to decide. */
  final?: boolean;
  /** The provider could not be asked, or not be understood. */
  unread?: true;
  /** A repeat was refused; the later look-ups are told. */
  refusal?: Refusal;
  /** A repeat was answered with other figures than the ones sent; the later look-ups are told. */
  contradicted?: true;
}

/** The verdict of a look-up that found out nothing, or both. */
export const inconclusive = (note: string): Inconclusive => ({ verdict: 'inconclusive', note });

/** The same where nothing could be read, so that the next look-up need not wait for its step of the schedule. */
export const unread = (note: string): Inconclusive => ({ ...inconclusive(note), unread: true });

/** The same where no later look-up can find out more. */
export const unprovable = (note: string): Inconclusive => ({ ...inconclusive(note), final: true });

/** For how many seconds after the last send a late effect may still change what a look-up finds; until then, "absent" proves nothing. */
export const SETTLE_SECONDS = 60;

/** The verdict of a look-up whose result only a late effect could still decide: a person has to, once its time is over. */
export const undecided = (
  note: string,
  { now, lastSentAt }: Pick<ReconcileContext, 'now' | 'lastSentAt'>,
): Inconclusive => ({
  ...inconclusive(note),
  final: now.getTime() - lastSentAt.getTime() >= SETTLE_SECONDS * 1_000,
});

/** Another write of the same customer, which the provider answered. */
export type WriteBeside =
  /** A hold that began before `before` was read. Only the write that is looked for may have ended it: neither time nor another write of ours has. */
  | { hold: HeldPoints }
  /** A purchase that was sent after `before` was read. */
  | { purchase: Required<Pick<PurchaseData, 'redeemedPoints' | 'earnedPoints'>> };

/** What a reconcile plan may use. */
export interface ReconcileContext<Settings = any> extends Context<Settings> {
  /** When the first and the last request that may have had the effect were sent. */
  firstSentAt: Date;
  lastSentAt: Date;
  /** How often reconciliation has sent the same request again. A plan repeats it once, and again only where a look-up found something that the repeat tells from its effect. */
  repeats: number;
  /** The code with which such a repeat was refused. */
  refused?: ErrorCode;
  /** Such a repeat was answered with an effect that has other figures than the ones sent. */
  contradicted?: true;
  /** The number of this look-up, from 1; 0 = the early one before the first, which should cost the lane little. */
  tries: number;
  /** What the plan's steps had read before the effect, by exchange name. */
  before: Record<string, unknown>;
  /** Another write of the same customer through the gateway may have moved their balance since `before` was read. */
  disturbed?: boolean;
  /** That write, if it is one alone whose effect is known. */
  beside?: WriteBeside;
  /** The last request was not lost but refused, and the plan doubted the refusal. */
  denied?: true;
  /** An earlier look-up answered `absent`: what is there now came after it, and may be somebody else's. */
  unseen?: true;
}

/** How the outcome of a lost answer is determined, and with what evidence; declared beside the call. */
export interface Reconcile<Ask = any, Result = any> {
  /** Its name in `operation.reconcile.strategy`: `operations-list`, `balance-delta`. */
  strategy: string;
  /** For how long after the last send "absent" proves nothing; 60 s unless the provider documents more. */
  settleSeconds?: number;
  /** Reads what it needs; may yield the writing exchange itself only when it is keyed or absolute. */
  run(ask: Ask, context: ReconcileContext): PlanRun<Verdict<Result>>;
}
