import type { Core } from './core.js';
import type { Lane } from './lanes/lanes.js';

/** So many get a job at once; the sweep finds the others. */
const AT_ONCE = 100;

/** The provider answers again: lost answers that nobody could look for meanwhile are looked for now. Rejects where Postgres or the queue is away; then each row has a time of its own. */
export async function wakeHeld(core: Core, { fingerprint }: Lane): Promise<void> {
  const ids = await core.stores.operations.wakeHeld(core.database.direct, fingerprint);
  const wish = `held-${core.now().getTime()}`;
  await Promise.all(ids.slice(0, AT_ONCE).map(id => core.jobs.operation('reconcile', id, wish, 0)));
}
