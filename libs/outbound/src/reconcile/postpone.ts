import type { SweptOperation } from '#persistence';
import type { Core } from '../core/core.js';
import { kindOf } from '../kinds/kinds.js';
import { SHORTEST_PAUSE_MS, silencePause } from './probe-schedule.js';

/** Whether it can wait until its provider answers. An effect that ends by itself cannot: afterwards it goes to a person. */
export const mayBePostponed = ({ kind }: SweptOperation): boolean => kindOf(kind).endsBy === undefined;

/** Postpones look-ups whose provider answers nobody, later and later, in one statement; they need no claim and no job, since the sweep comes back to them and an answer of their lane wakes them. Rejects if Postgres is away. */
export async function postponeProbes(core: Core, due: readonly SweptOperation[]): Promise<void> {
  const now = core.now().getTime();
  const rows = due.map(({ id, lane, lastSentAt }) => {
    const leastMs = Math.max(SHORTEST_PAUSE_MS, core.breakers.of(lane).lookDueMs());
    return { id, until: new Date(now + silencePause(now - lastSentAt!.getTime(), leastMs)) };
  });
  await core.stores.wakes.postpone(core.database.direct, rows);
}

/** Of unknown operations that are due, postpones those whose provider was silent of late, and returns the others: those whose look-up may begin. A silent lane gets one. */
export async function postponeWhereSilent(
  core: Core,
  due: readonly SweptOperation[],
): Promise<SweptOperation[]> {
  const trying = new Set<string>();
  const waits = (row: SweptOperation): boolean => {
    const breaker = core.breakers.of(row.lane);
    if (!breaker.isSilent() || !mayBePostponed(row)) return false;
    if (breaker.lookDueMs() > 0 || trying.has(row.lane)) return true;
    trying.add(row.lane);
    return false;
  };
  const postponed = due.filter(waits);
  if (postponed.length > 0) await postponeProbes(core, postponed);
  return due.filter(row => !postponed.includes(row));
}
