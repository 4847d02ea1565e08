import { setTimeout } from 'node:timers/promises';
import type { Core } from '../core/core.js';
import { reconcile } from './reconcile.js';

/** Probes for a caller who waits no longer than `waitMs`; if the provider hangs, the probe goes on without the caller. */
export async function reconcileWithin(core: Core, operationId: string, waitMs: number): Promise<void> {
  const probing = reconcile(core, operationId);
  core.background.run(probing, error =>
    core.log('error', 'a look for a lost answer broke', { operationId, error: String(error) }),
  );
  const patience = new AbortController();
  const ends = setTimeout(waitMs, undefined, { signal: patience.signal }).catch(() => undefined);
  await Promise.race([probing, ends]).finally(() => patience.abort());
}
