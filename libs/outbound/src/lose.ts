import { crashPoint } from '#crash-point';
import type { Core } from './core.js';
import type { Doing } from './kinds/kind.js';
import { probeDelay } from './retry.js';
import { insist, settle } from './settle.js';
import type { Held } from './settle.js';

/** Writes that an operation's answer is lost and asks for the first look; without a way to look (`doing` absent = its connection was deleted) a person must. True = it will be looked for. */
export async function lose(core: Core, at: Held, doing: Doing | undefined, reason: string): Promise<boolean> {
  const { operation, claim } = at;
  const delay = doing?.reconcile ? probeDelay(0)! : null;
  const nextAt = delay === null ? null : new Date(core.now().getTime() + delay);
  const reconcile = {
    strategy: doing?.reconcile?.strategy ?? 'none',
    tries: 0,
    absents: 0,
    reason,
    ...(nextAt ? { nextAt: nextAt.toISOString() } : {}),
  };
  const state = nextAt ? 'unknown' : 'needs-review';
  const lost = { state, evidence: 'none', reconcile, wakeAt: nextAt } as const;
  if (!(await insist(() => settle(core, at, lost))) || delay === null) return false;
  crashPoint('lose:done');
  await core.jobs.operation('reconcile', operation.id, `lost-${claim.fence}`, delay).catch(() => undefined);
  return true;
}
