import type { CrashPoint } from '#crash-point';
import type { FaultRule } from '../../apps/sandbox/src/faults/fault-rules.js';

/** The process that is killed. */
export type Role = 'api' | 'worker';

/** How a crash point is reached. */
export interface CrashCase {
  point: CrashPoint;
  roles: readonly Role[];
  provider: 'uds' | 'loyalclient';
  /** The fault of the next purchase at the provider. */
  fault?: Pick<FaultRule, 'fault' | 'params'>;
  /** The API process reconciles the lost answer itself. */
  probe?: true;
  /** The company's settings are read before, so that the writes are accepted and claimed in one commit. */
  headStart?: true;
  /** A dead process has left a row `dispatching`. */
  orphan?: true;
}

const both = ['api', 'worker'] as const;
const lost = { fault: 'reset-before-reading' } as const;
const throttled = { fault: '429-retry-after-0' } as const;

/** Every crash point and how to reach it; the compiler checks that none is missing. */
const everyPoint: readonly CrashCase[] = Object.values({
  'accept:inside': { point: 'accept:inside', roles: ['api'], provider: 'uds' },
  'accept:done': { point: 'accept:done', roles: ['api'], provider: 'uds' },
  'dispatch:unclaimed': { point: 'dispatch:unclaimed', roles: both, provider: 'uds' },
  'dispatch:looked': { point: 'dispatch:looked', roles: both, provider: 'loyalclient' },
  'dispatch:claimed': { point: 'dispatch:claimed', roles: both, provider: 'uds' },
  'dispatch:sent': { point: 'dispatch:sent', roles: both, provider: 'uds' },
  'dispatch:answered': { point: 'dispatch:answered', roles: both, provider: 'uds' },
  'settle:inside': { point: 'settle:inside', roles: both, provider: 'uds' },
  'settle:done': { point: 'settle:done', roles: both, provider: 'uds' },
  'requeue:before': { point: 'requeue:before', roles: both, provider: 'uds', fault: throttled },
  'requeue:done': { point: 'requeue:done', roles: both, provider: 'uds', fault: throttled },
  'lose:done': { point: 'lose:done', roles: both, provider: 'uds', fault: lost },
  'reconcile:claimed': {
    point: 'reconcile:claimed',
    roles: both,
    provider: 'uds',
    fault: lost,
    probe: true,
  },
  'reconcile:marked': { point: 'reconcile:marked', roles: both, provider: 'uds', fault: lost, probe: true },
  'reconcile:looked': { point: 'reconcile:looked', roles: both, provider: 'uds', fault: lost, probe: true },
  'sweep:taken-over': { point: 'sweep:taken-over', roles: ['worker'], provider: 'uds', orphan: true },
} satisfies Record<CrashPoint, CrashCase>);

/** The points between acceptance and settlement once more, with a head start. */
const headStarts = (
  [
    { point: 'accept:inside' },
    { point: 'accept:done' },
    { point: 'dispatch:unclaimed' },
    { point: 'dispatch:claimed' },
    { point: 'dispatch:sent' },
    { point: 'dispatch:answered' },
    { point: 'settle:inside' },
    { point: 'settle:done' },
    { point: 'requeue:before', fault: throttled },
    { point: 'lose:done', fault: lost },
  ] as const
).map((one): CrashCase => ({ ...one, roles: ['api'], provider: 'uds', headStart: true }));

/** All crash points, those that a head start passes twice. */
export const crashCases: readonly CrashCase[] = [...everyPoint, ...headStarts];
