import type { FaultName } from '../../apps/sandbox/src/faults/fault-names.js';
import { faultNames, faults } from '../../apps/sandbox/src/faults/fault-names.js';
import type { FaultRule } from '../../apps/sandbox/src/faults/fault-rules.js';

/** Two MiB are read of an answer; a little more shows the cap as well as a hundred. */
const TOO_MUCH = { bytes: 2_500_000 };

/** Params under which a fault is the same fault, and a test of thousands of them ends. */
const PARAMS: Partial<Record<FaultName, FaultRule['params']>> = {
  'port-closed': { forMs: 5_000 },
  'huge-body': TOO_MUCH,
  'gzip-bomb': TOO_MUCH,
  slow: { intervalMs: 250 },
};

/** Faults that are not drawn for one call. */
const BEFORE_ANY_CALL: readonly FaultName[] = ['port-closed', 'refused'];
/** Each of them holds its lane, or its caller, for so long that a few must do. */
const FEW: readonly FaultName[] = ['429-retry-after-3600', '429-retry-after-date'];

/** A rule that plays a fault upon calls of a provider. */
export const ruleOf = (fault: FaultName, where: Partial<FaultRule>): FaultRule => ({
  fault,
  params: PARAMS[fault],
  ...(BEFORE_ANY_CALL.includes(fault) ? { count: where.count } : where),
});

/** Every fault at once, each drawn by a seed of its own: together they strike `share` of all calls. Those that hold a whole lane for a minute come only to who has the patience. */
export function everyFault(seed: number, share: number, patient: boolean): FaultRule[] {
  const drawn = faultNames.filter(name => !BEFORE_ANY_CALL.includes(name) && !FEW.includes(name));
  const few = FEW.map((name, nth) => ruleOf(name, { count: 2, probability: 0.02, seed: seed + 1_000 + nth }));
  const most = drawn.map((name, nth) =>
    ruleOf(name, { probability: share / drawn.length, seed: seed + nth }),
  );
  return [...(patient ? few : []), ...most, { fault: 'refused', count: 5 }];
}

/** Whether the effect happens under a fault, at once or later, as the sandbox describes it. */
export const commits = (fault: FaultName): boolean =>
  /the effect happens|the right answer|the effect .* later/.test(faults[fault]) &&
  !faults[fault].endsWith('no effect');
