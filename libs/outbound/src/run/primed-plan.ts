import { retryClassOf } from '#adapter-kit';
import type { Context, PlanRun, Send } from '#adapter-kit';
import type { Claim, StoredOperation } from '#persistence';
import { buildRequest } from '../calls/build-request.js';
import type { BuiltRequest } from '../calls/build-request.js';
import { sharedAnswer } from '../calls/shared-exchange.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import type { Prepared } from '../kinds/kind.js';
import type { Slot } from '../lanes/lanes.js';
import { asPlan } from './run-plan.js';
import { StepBook } from './step-book.js';

/** A plan that has been run, without any request, up to the one with the effect. */
export interface PrimedPlan {
  ask: unknown;
  context: Context & { operationId: string; nonce: string };
  run: PlanRun<unknown>;
  /** What it asks for next. */
  next: IteratorYieldResult<Send>;
  book: StepBook;
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

/** Runs a plan as far as shared answers carry it; `undefined` if it needs another request first, refuses or ends. */
export function primePlan(
  core: Core,
  connection: OpenConnection,
  prepared: Prepared,
  { id, nonce }: Pick<StoredOperation, 'id' | 'nonce'>,
): PrimedPlan | undefined {
  const { plan, customerLock } = prepared;
  if (plan === 'advisory') return undefined;
  const { settings } = connection;
  // As every later attempt reads it from the row.
  const ask: unknown = JSON.parse(JSON.stringify(prepared.ask));
  const context = { settings, now: core.now(), operationId: id, nonce, repeated: false };
  const book = StepBook.open(core, { id, steps: null, customerLock: customerLock ?? null });
  const run = asPlan(plan.does, ask, context);
  try {
    let next = run.next();
    while (!next.done) {
      const send = next.value;
      if (retryClassOf(send.exchange, settings) !== 'read') return { ask, context, run, next, book };
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
