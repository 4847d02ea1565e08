import { comparePoints, isZeroPoints, subtractPoints } from '#canonical';
import type { Points } from '#canonical';
import { send, steps } from '#adapter-kit';
import type { Context, HoldProbeAsk, HoldStanding, PlanRun } from '#adapter-kit';
import { pointOf } from './preconditions.js';
import { recalcBalance } from './recalc.js';
import type { LoyalClientSettings } from './settings.js';

/** Checks whether a hold is still active: a call that names it gets its points added to the balance. The balance is read without it before and after, so that a sale in between does not distort the result. */
export const probeHold = steps(
  recalcBalance,
  function* ({ hold, customer, locationId }: HoldProbeAsk, { settings }: Context<LoyalClientSettings>) {
    const { clientId } = customer;
    const { holdId } = hold.refs;
    if (clientId === undefined || holdId === undefined) return 'unclear';
    const ask = { clientId, point: pointOf(locationId, settings) };
    const without = yield* balance({ ...ask, holds: [] });
    const named = yield* balance({ ...ask, holds: [holdId] });
    const again = yield* balance({ ...ask, holds: [] });
    return standingOf(hold.points, { without, named, again });
  },
);

function* balance(ask: { clientId: string; point: string; holds: string[] }): PlanRun<Points | undefined> {
  return (yield* send(recalcBalance, ask)).balance;
}

/** Whether a hold of so many points stands, by the balance without it, with it and without it again. */
export function standingOf(
  points: Points,
  seen: Record<'without' | 'named' | 'again', Points | undefined>,
): HoldStanding {
  const { without, named, again } = seen;
  if (without === undefined || named === undefined || again === undefined) return 'unclear';
  if (comparePoints(without, again) !== 0) return 'unclear';
  const difference = subtractPoints(named, without);
  if (comparePoints(difference, points) === 0) return 'stands';
  return isZeroPoints(difference) ? 'gone' : 'unclear';
}
