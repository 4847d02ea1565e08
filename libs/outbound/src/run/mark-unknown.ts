import { crashPoint } from '#crash-point';
import type { Search } from '#persistence';
import type { Core } from '../core/core.js';
import type { WritePlan } from '../kinds/kind.js';
import { probeDelay } from '../reconcile/probe-schedule.js';
import { withRetries, settle } from './settle.js';
import type { ClaimedOperation } from './settlement.js';

/** Stores that the answer is lost and schedules the first probe. Where nothing can be probed (no strategy, or `plan` absent because the connection was deleted) it goes to a person. True = a probe will come. */
export async function markUnknown(
  core: Core,
  at: ClaimedOperation,
  plan: WritePlan | undefined,
  why: Pick<Search, 'reason' | 'denied' | 'told'>,
): Promise<boolean> {
  const { operation, claim } = at;
  const delay = plan?.reconcile ? probeDelay(0)! : null;
  const nextAt = delay === null ? null : new Date(core.now().getTime() + delay);
  const reconcile: Search = {
    strategy: plan?.reconcile?.strategy ?? 'none',
    tries: 0,
    absents: 0,
    ...why,
    ...(nextAt ? { nextAt: nextAt.toISOString() } : {}),
  };
  const state = nextAt ? 'unknown' : 'needs-review';
  const lost = { state, evidence: 'none', reconcile, wakeAt: nextAt } as const;
  if (!(await withRetries(() => settle(core, at, lost))) || delay === null) return false;
  crashPoint('lose:done');
  // Nobody waits for a queue that is away: the row wakes without its job as well.
  const job = core.jobs.operation('reconcile', operation.id, `lost-${claim.fence}`, delay);
  core.background.run(job, () => undefined);
  return true;
}
