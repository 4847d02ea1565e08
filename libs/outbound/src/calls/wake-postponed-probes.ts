import type { Core } from '../core/core.js';
import type { Lane } from '../lanes/lanes.js';

/** How many get a job at once; the sweep finds the others. */
const AT_ONCE = 100;

/** The provider answers again: starts the probes that were postponed meanwhile. Rejects if Postgres or the queue is away; each row keeps a wake-up time of its own. */
export async function wakePostponedProbes(core: Core, { fingerprint }: Lane): Promise<void> {
  const ids = await core.stores.wakes.wakePostponed(core.database.direct, fingerprint);
  const wish = `held-${core.now().getTime()}`;
  await Promise.all(ids.slice(0, AT_ONCE).map(id => core.jobs.operation('reconcile', id, wish, 0)));
}
