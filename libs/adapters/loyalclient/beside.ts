import { comparePoints, negatePoints, subtractPoints } from '#canonical';
import type { HeldPoints, Points } from '#canonical';
import type { PlanRun, WriteBeside } from '#adapter-kit';
import { standingOf } from './hold-probe.js';

/** What another write did to the balance between the two reads. */
export interface Shift {
  points: Points;
  /** A hold is gone and gave its points back: ended by the purchase, as documented, or by somebody else. */
  ended?: true;
}

/** What a write beside the purchase did to the balance; `undefined` if that cannot be seen now. */
export function* shiftOf(
  beside: WriteBeside,
  without: Points,
  balanceWith: (holds: HeldPoints[]) => PlanRun<Points | undefined>,
): PlanRun<Shift | undefined> {
  if ('purchase' in beside) return { points: pointsOf(beside) };
  const { hold } = beside;
  const named = yield* balanceWith([hold]);
  const again = yield* balanceWith([]);
  const standing = standingOf(hold.points, { without, named, again });
  // No hold begins anew: one that stands now was missing from both reads.
  if (standing === 'stands') return { points: '0' };
  return standing === 'gone' ? { points: hold.points, ended: true } : undefined;
}

/** Whether a write beside the purchase may have moved just as many points as it, in either direction: then no balance tells the two apart. */
export const isHidden = (moved: Points, beside: WriteBeside): boolean =>
  [moved, negatePoints(moved)].some(points => comparePoints(points, pointsOf(beside)) === 0);

const pointsOf = (beside: WriteBeside): Points =>
  'hold' in beside
    ? beside.hold.points
    : subtractPoints(beside.purchase.earnedPoints, beside.purchase.redeemedPoints);
