import type { Context, Exchange, PlanRun, Send, Steps, WireAnswer } from '#adapter-kit';
import { Refusal, operations } from '#canonical';
import type { OperationAsks, OperationResults, ReadKind } from '#canonical';
import { supportFor } from '../connections/capability.js';
import { assertCallable } from '../connections/connection.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import type { ExchangeOutcome, ExchangeTerms, Timing } from '../calls/exchange.js';
import { LaneStoreDown } from '../lanes/lanes.js';
import { asPlan, runPlan } from '../run/run-plan.js';
import type { PlanEnd } from '../run/run-plan.js';
import { makeOrShareExchange } from '../calls/shared-exchange.js';
import { unansweredRefusal } from './unanswered-refusal.js';

/** How a read is asked for. */
export interface ReadTerms {
  /** How long the caller waits in all, in milliseconds. */
  waitMs: number;
  /** Part of an accepted write, for which load was checked already. */
  letIn?: true;
  language?: 'ru' | 'en';
  timing?: Timing;
  seen?(answer: WireAnswer): void;
}

const TIMEOUT_MS = { interactive: 3_000, bulk: 20_000, write: 3_000 };
/** The least time a provider gets, in milliseconds; the answer must be out 250 ms after the caller's wait. */
const SHORTEST_WAIT_MS = 150;
const PAUSE_MS = 100;

/** Asks a provider; keeps no row and no state. Throws the `Refusal` that the caller gets: the provider's, 501, 502, 503 or 504. */
export async function read<K extends ReadKind>(
  core: Core,
  connection: OpenConnection,
  kind: K,
  ask: OperationAsks[K],
  terms: ReadTerms,
): Promise<OperationResults[K]> {
  const support = supportFor(connection, kind);
  return (await readBy(
    core,
    connection,
    { does: support.does, ask, laneClass: operations[kind].laneClass },
    terms,
  )) as OperationResults[K];
}

/** A read outside the canonical table: exchange or steps, and lane class. */
export interface Reading {
  does: Exchange | Steps;
  ask: unknown;
  laneClass: 'interactive' | 'bulk' | 'write';
}

/** As `read`, for exchanges outside the canonical table (extensions, probes). */
export async function readBy(
  core: Core,
  connection: OpenConnection,
  reading: Reading,
  terms: ReadTerms,
): Promise<unknown> {
  assertCallable(connection);
  if (!terms.letIn) core.loadShedder.assertTimeFor(terms.waitMs);
  const deadlineAt = deadlineOf(terms.waitMs);
  for (let attempt = 1; ; attempt++) {
    const context: Context = { settings: connection.settings, now: core.now(), language: terms.language };
    let answered = 0;
    // The terms anew for each exchange: those before it have used up some of what it may wait in the lane.
    const make = async (send: Send): Promise<ExchangeOutcome> => {
      const wish = { ...send, context };
      const made = await makeOrShareExchange(core, connection, wish, callTerms(reading, terms, deadlineAt));
      // What is shared for a while needs no start.
      if (made.kind !== 'no-slot' && !send.exchange.cacheSeconds) answered++;
      return made;
    };
    const end = await once(asPlan(reading.does, reading.ask, context), make);
    if (end.kind === 'done') return end.result;
    if (end.kind === 'refused') throw end.refusal;
    const pause = 'retryAfterMs' in end ? end.retryAfterMs : PAUSE_MS;
    const worthIt = end.kind === 'throttled' || (attempt === 1 && end.kind !== 'no-slot');
    if (!worthIt || performance.now() + pause + PAUSE_MS >= deadlineAt)
      throw refusalOf(connection, end, answered);
    await new Promise(resolve => setTimeout(resolve, pause));
  }
}

async function once(
  plan: PlanRun<unknown>,
  make: (send: Send) => Promise<ExchangeOutcome>,
): Promise<PlanEnd> {
  try {
    return await runPlan(plan, make);
  } catch (error) {
    if (error instanceof LaneStoreDown)
      throw new Refusal('dependency-unavailable', { detail: error.message, cause: error });
    throw error;
  }
}

/** When a caller's wait (ms) is over for a call, which gets the least time in any case: a moment of `performance.now()`. */
export const deadlineOf = (waitMs: number): number => performance.now() + Math.max(SHORTEST_WAIT_MS, waitMs);

/** How long a call may stand in its lane, in milliseconds, so that something is left for the call itself. */
export const laneBudgetUntil = (deadlineAt: number): number =>
  Math.max(0, deadlineAt - performance.now() - PAUSE_MS);

const callTerms = (
  { laneClass }: Reading,
  { timing, seen }: ReadTerms,
  deadlineAt: number,
): ExchangeTerms => ({
  laneClass,
  laneBudgetMs: laneBudgetUntil(deadlineAt),
  timeoutMs: TIMEOUT_MS[laneClass],
  deadlineAt,
  timing,
  seen,
});

function refusalOf(
  connection: OpenConnection,
  end: Exclude<PlanEnd, { kind: 'done' } | { kind: 'refused' }>,
  answered: number,
): Refusal {
  const title = connection.adapter.title;
  switch (end.kind) {
    case 'no-slot':
    case 'throttled': {
      const seconds = Math.max(1, Math.ceil(end.retryAfterMs / 1000));
      if ('circuitOpen' in end && end.circuitOpen)
        return new Refusal('circuit-open', { retryAfterSeconds: seconds });
      return new Refusal('lane-saturated', {
        detail:
          end.kind === 'throttled'
            ? `${title} refused the call as too frequent (429) and is paused. Try again in ${seconds} s.`
            : laneFull(connection, seconds, answered),
        retryAfterSeconds: seconds,
      });
    }
    case 'not-sent':
      return new Refusal('provider-unavailable', { detail: `${title} cannot be reached: ${end.reason}` });
    case 'unanswered':
      return unansweredRefusal(connection, end);
    case 'taken':
      throw new Error('A read has no row that another process could take.');
  }
}

/** What to do where the lane had no start: the same again, unless the wait was too short for all the calls of the read. */
function laneFull({ slug }: OpenConnection, seconds: number, answered: number): string {
  const full = `The lane of ${slug} had no free slot within the wait`;
  const again = `Try again in ${seconds} s`;
  return answered === 0
    ? `${full}; nothing was sent. ${again}.`
    : `${full}, after ${answered} of the calls that this read takes. ${again}, and if it ends like this, wait longer (\`Prefer: wait=25\`) or request a shorter period.`;
}
