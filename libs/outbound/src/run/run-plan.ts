import { Unanswered, Unreadable } from '#adapter-kit';
import type { Context, Exchange, PlanRun, Send, Steps, WhyUnanswered } from '#adapter-kit';
import { Refusal } from '#canonical';
import type { AttemptOutcome } from './retry.js';
import type { ExchangeOutcome } from '../calls/exchange.js';

/** How a run of a plan ended. */
export type PlanEnd<Result = unknown> = AttemptOutcome<Result> | { kind: 'taken' };

/** An operation's single exchange as a plan of one step. */
export function asPlan(does: Exchange | Steps, ask: unknown, context: Context<any>): PlanRun<unknown> {
  if ('run' in does) return does.run(ask, context);
  return (function* () {
    return yield { exchange: does, ask };
  })();
}

/** Drives a plan: makes the exchanges that it yields and hands their results back; ends where an exchange cannot be made. `next` = what a plan that was begun before asks for. */
export async function runPlan<Result>(
  plan: PlanRun<Result>,
  make: (send: Send) => Promise<ExchangeOutcome>,
  next?: IteratorResult<Send, Result>,
): Promise<PlanEnd<Result>> {
  try {
    let turn = next ?? plan.next();
    while (!turn.done) {
      const made = await make(turn.value);
      if (made.kind === 'done') turn = plan.next(made.result);
      else if (made.kind === 'refused') turn = plan.throw(made.refusal);
      else if (made.kind === 'unanswered') turn = plan.throw(new Unanswered(made.reason, whyOf(made)));
      else return stopped(made);
    }
    return { kind: 'done', result: turn.value };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', refusal: error };
    if (error instanceof Unanswered) return { kind: 'unanswered', reason: error.message, ...error.why };
    if (error instanceof Unreadable) return { kind: 'unanswered', reason: error.message, unreadable: true };
    throw error;
  }
}

const whyOf = ({ unreadable, tooLarge, overdue, status, noCall }: WhyUnanswered): WhyUnanswered => ({
  ...(unreadable && { unreadable }),
  ...(tooLarge && { tooLarge }),
  ...(overdue && { overdue }),
  ...(status && { status }),
  ...(noCall && { noCall }),
});

function stopped(
  made: Exclude<ExchangeOutcome, { kind: 'done' | 'refused' | 'unanswered' }>,
): PlanEnd<never> {
  // For an operation, an open circuit and a full lane mean the same: nothing was sent, try later.
  return made.kind === 'circuit-open'
    ? { kind: 'no-slot', retryAfterMs: Math.max(250, made.retryAfterMs), circuitOpen: true }
    : made;
}
