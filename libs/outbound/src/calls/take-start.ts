import type { Core } from '../core/core.js';
import { LATE_START_MS, START_WITHIN_MS } from '../core/timeouts.js';
import { enterLane, noteTrouble } from '../lanes/lane-watch.js';
import type { Lane, LaneRefusal, Slot } from '../lanes/lanes.js';
import type { ExchangeOutcome, ExchangeTerms } from './exchange.js';

/** A start that is not used within this time is given back, in milliseconds. */
const LATEST_MS = 25;

/** Why there is no start to send with. */
export type NoStart = Extract<ExchangeOutcome, { kind: 'taken' | 'no-slot' | 'circuit-open' }>;

/** Whether there is one. */
export const isStart = (start: Slot | NoStart): start is Slot => 'granted' in start;

const orNoSlot = (answer: Slot | LaneRefusal): Slot | NoStart =>
  answer.granted ? answer : { kind: 'no-slot', retryAfterMs: answer.retryAfterMs };

/** Gets a start for one call: waits for it in the lane, then claims the call's row. */
export async function takeStart(core: Core, lane: Lane, terms: ExchangeTerms): Promise<Slot | NoStart> {
  const first = await waitForStart(core, lane, terms);
  return isStart(first) ? claimWith(core, lane, first, terms) : first;
}

/** Waits in the lane for a start, as long as the provider answers anybody. */
async function waitForStart(core: Core, lane: Lane, terms: ExchangeTerms): Promise<Slot | NoStart> {
  const breaker = core.breakers.of(lane.fingerprint);
  if (breaker.isOpen()) return turnAway(core, lane);
  const start = orNoSlot(terms.slot ?? (await enterLane(core, lane, terms)));
  if (!isStart(start)) return start;
  // Meanwhile the calls before this one may have shown that nobody answers, or one of them tries it now.
  if (breaker.isOpen()) {
    core.lanes.giveBack(start);
    return turnAway(core, lane);
  }
  // Now and not when it leaves: a claim is stored first, and whoever comes meanwhile must not try as well.
  breaker.begin(start);
  terms.timing?.add('queue', start.waitedMs);
  terms.timing?.entered(lane, start.startsLeft);
  return start;
}

/** The circuit is open: nothing is sent. */
function turnAway(core: Core, lane: Lane): NoStart {
  const retryAfterMs = core.breakers.of(lane.fingerprint).openForMs();
  noteTrouble(core, lane, retryAfterMs, 'the provider does not answer');
  return { kind: 'circuit-open', retryAfterMs };
}

/** Claims the row and returns the start to use; a first one that is not used goes to the next caller. */
async function claimWith(core: Core, lane: Lane, first: Slot, terms: ExchangeTerms): Promise<Slot | NoStart> {
  let start: Slot | NoStart;
  try {
    start = await claimInTime(core, first, terms);
  } catch (error) {
    endTrial(core, lane, first);
    core.lanes.giveBack(first);
    throw error;
  }
  if (isStart(start)) return start;
  endTrial(core, lane, first);
  // Otherwise it was given back already.
  if (start.kind === 'taken') core.lanes.giveBack(first);
  return start;
}

/** Without a start to use, the call is no trial of an open circuit either. */
const endTrial = (core: Core, lane: Lane, first: Slot): void =>
  core.breakers.of(lane.fingerprint).withdraw(first);

/** Claims the row; the start to use is the first one, or another where that came too late. */
async function claimInTime(core: Core, first: Slot, terms: ExchangeTerms): Promise<Slot | NoStart> {
  const { beforeSend, claimedAt = performance.now() } = terms;
  if (beforeSend && !(await beforeSend())) return { kind: 'taken' };
  const start = await notTooLate(core, first, terms);
  if (!beforeSend || !isStart(start) || performance.now() - claimedAt <= START_WITHIN_MS) return start;
  // A process that was stopped here may wake up after its lease has ended.
  core.lanes.giveBack(start);
  return { kind: 'no-slot', retryAfterMs: 0 };
}

// A starved process or a slow store: leaving this late, the request could be one too many in its second.
async function notTooLate(
  core: Core,
  slot: Slot,
  { beforeSend, laneBudgetMs }: ExchangeTerms,
): Promise<Slot | NoStart> {
  if (performance.now() - slot.dueAt <= LATEST_MS) return slot;
  // A claim is short; a read may wait as long as its caller does.
  const budgetMs = beforeSend ? 0 : laneBudgetMs - slot.waitedMs;
  return orNoSlot(await core.lanes.again(slot, Math.max(LATE_START_MS, budgetMs)));
}
