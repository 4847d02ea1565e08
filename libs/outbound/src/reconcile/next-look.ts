import { SETTLE_SECONDS } from '#adapter-kit';
import type { Verdict } from '#adapter-kit';
import type { Search } from '#persistence';
import { handToPerson } from './hand-to-person.js';
import type { NoTurn, Probe } from './probe.js';
import { SHORTEST_PAUSE_MS, nextProbe, silencePause } from './probe-schedule.js';

/** After how long an "absent" that could be believed by its time is looked at again, in milliseconds. */
const CONFIRM_MS = 5_000;

const lostForMs = ({ core }: Probe, sentAt: Date): number => core.now().getTime() - sentAt.getTime();

const settleMs = ({ plan }: Probe): number => (plan.reconcile!.settleSeconds ?? SETTLE_SECONDS) * 1_000;

/** Whether the effect should show by now, if it exists: the adapter's settle time since the last send is over. */
export const shouldShow = (probe: Probe, sentAt = probe.operation.lastSentAt!): boolean =>
  lostForMs(probe, sentAt) >= settleMs(probe);

/** After a look that decided nothing: schedules the next one, or hands the operation to a person when all were made. */
export async function scheduleNext(probe: Probe, search: Search, seen?: Verdict<unknown>): Promise<void> {
  const { core, operation } = probe;
  // As the row has it now: the probe may have sent the request again.
  const sentAt = (await core.stores.operations.byId(core.database.direct, operation.id))!.lastSentAt!;
  const againMs = soonerMs(probe, sentAt, seen);
  const nextAt = nextProbe(core.now(), { sentAt, tries: search.tries, againMs });
  if (!nextAt) return handToPerson(core, probe, search, 'none');
  const end = await probe.effectEnds();
  await postpone(probe, search, end && end < nextAt ? end : nextAt);
}

/** In how many milliseconds a look is worth it before the schedule's next step, which is far off once the settle time is over: an "absent" is confirmed soon, and what could not be read is tried again when the answer has been lost for as long again. */
function soonerMs(probe: Probe, sentAt: Date, seen?: Verdict<unknown>): number | undefined {
  if (!shouldShow(probe, sentAt)) return undefined;
  if (seen?.verdict === 'inconclusive' && seen.unread) return lostForMs(probe, sentAt);
  return seen?.verdict === 'absent' ? CONFIRM_MS : undefined;
}

/** After a glance that decided nothing: gives the row back to the scheduled look, as it was but for an "absent". */
export async function returnAfterGlance(
  { core, claim, search }: Probe,
  seen: Verdict<unknown> | NoTurn,
): Promise<void> {
  const known = { ...search, ...(seen.verdict === 'absent' && { unseen: true as const }) };
  await core.stores.operations.putOff(core.database.direct, claim, known, new Date(search.nextAt!));
}

/** Nothing was asked: comes back when the lane has room, or later and later while the provider answers nobody. */
export async function returnUnasked(probe: Probe, { waitMs, circuitOpen }: NoTurn): Promise<void> {
  const { core, operation, search } = probe;
  const pauseMs = circuitOpen ? silencePause(lostForMs(probe, operation.lastSentAt!), waitMs) : waitMs;
  await postpone(probe, { ...search, held: circuitOpen }, new Date(core.now().getTime() + pauseMs));
}

/** Schedules the next look, after the shortest pause at least; no event is emitted. */
async function postpone({ core, operation, claim }: Probe, search: Search, at: Date): Promise<void> {
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
