import { retryClassOf } from '#adapter-kit';
import type { Context, PlanRun, Send } from '#adapter-kit';
import type { Claim, StoredOperation } from '#persistence';
import { buildRequest } from '../calls/build-request.js';
import type { BuiltRequest } from '../calls/build-request.js';
import { sharedAnswer } from '../calls/shared-exchange.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import type { Prepared, WritePlan } from '../kinds/kind.js';
import type { Slot } from '../lanes/lanes.js';
import { asPlan } from './run-plan.js';
import { StepBook } from './step-book.js';

/** An operation's plan and what it is run with. */
export interface BegunPlan {
  ask: unknown;
  context: Context & { operationId: string; nonce: string };
  run: PlanRun<unknown>;
  /** What it asks for next; absent until it was run. */
  next?: IteratorYieldResult<Send>;
  book: StepBook;
}

/** A plan that has been run, without any request, up to the one with the effect. */
export interface PrimedPlan extends BegunPlan {
  next: IteratorYieldResult<Send>;
  /** The request; absent until it was built. */
  built?: BuiltRequest;
}

/** A start in the lane that was free at acceptance, and the claim that was stored together with the operation: the request can be sent at once. */
export interface HeadStart {
  slot: Slot;
  primed: PrimedPlan;
  claim: Claim;
  /** `performance.now()` before the claim was sent to Postgres. */
  claimedAt: number;
}

/** What of an operation its plan depends on. */
type Planned = Pick<StoredOperation, 'id' | 'nonce' | 'steps' | 'customerLock' | 'writeSent' | 'firstSentAt'>;

/** Begins an operation's plan; nothing of it is run yet. */
export function beginPlan(
  core: Core,
  { settings }: OpenConnection,
  operation: Planned,
  { does, ask }: { does: WritePlan['does']; ask: unknown },
): BegunPlan {
  const { id, nonce, writeSent, firstSentAt } = operation;
  const context = {
    settings,
    now: core.now(),
    operationId: id,
    nonce,
    repeated: writeSent,
    ...(firstSentAt && { firstSentAt }),
  };
  return { ask, context, run: asPlan(does, ask, context), book: StepBook.open(core, operation) };
}

/** Runs a new operation's plan as far as shared answers carry it; `undefined` if it needs another request first, refuses or ends. */
export function primePlan(
  core: Core,
  connection: OpenConnection,
  prepared: Prepared,
  { id, nonce }: Pick<StoredOperation, 'id' | 'nonce'>,
): PrimedPlan | undefined {
  const { plan, customerLock = null } = prepared;
  if (plan === 'advisory') return undefined;
  // As every later attempt reads it from the row.
  const ask: unknown = JSON.parse(JSON.stringify(prepared.ask));
  const unsent = { id, nonce, customerLock, steps: null, writeSent: false, firstSentAt: null };
  const begun = beginPlan(core, connection, unsent, { does: plan.does, ask });
  const { run, context, book } = begun;
  try {
    let next = run.next();
    while (!next.done) {
      const send = next.value;
      if (retryClassOf(send.exchange, connection.settings) !== 'read') return { ...begun, next };
      const result = sharedAnswer(core, connection, { ...send, context });
      if (result === undefined) return undefined;
      book.write(send, result);
      next = run.next(result);
    }
  } catch {
    // It refuses without any request: the attempt meets that too, and stores it.
  }
  return undefined;
}

/** Builds the request while Postgres works. What the adapter refuses to send it refuses once more when it is to be sent. */
export function buildSoon(connection: OpenConnection, primed: PrimedPlan): void {
  setImmediate(() => {
    try {
      primed.built ??= buildRequest(connection, { ...primed.next.value, context: primed.context });
    } catch {
      primed.built = undefined;
    }
  });
}
