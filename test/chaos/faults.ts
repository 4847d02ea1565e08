import type { FaultName } from '../../apps/sandbox/src/faults/fault-names.js';
import { faultNames, faults } from '../../apps/sandbox/src/faults/fault-names.js';
import type { FaultRule } from '../../apps/sandbox/src/faults/fault-rules.js';

/** Two MiB are read of an answer; slightly more reaches the cap as well as a hundred. */
const TOO_MUCH = { bytes: 2_500_000 };

/** Parameters that keep the fault but shorten it, so that a test with thousands of them ends. */
const PARAMS: Partial<Record<FaultName, FaultRule['params']>> = {
  'port-closed': { forMs: 5_000 },
  'huge-body': TOO_MUCH,
  'gzip-bomb': TOO_MUCH,
  slow: { intervalMs: 250 },
};

/** Faults that are not drawn for a single call. */
const BEFORE_ANY_CALL: readonly FaultName[] = ['port-closed', 'refused'];
/** Each holds its lane or its caller for long, so only a few are played. */
const FEW: readonly FaultName[] = ['429-retry-after-3600', '429-retry-after-date'];

/** A rule that plays a fault on calls of a provider. */
export const ruleOf = (fault: FaultName, where: Partial<FaultRule>): FaultRule => ({
  fault,
  params: PARAMS[fault],
  ...(BEFORE_ANY_CALL.includes(fault) ? { count: where.count } : where),
});

/** Every fault at once, each with its own seed: together they hit `share` of all calls. Faults that hold a lane for a minute are optional. */
export function everyFault(seed: number, share: number, patient: boolean): FaultRule[] {
  const drawn = faultNames.filter(name => !BEFORE_ANY_CALL.includes(name) && !FEW.includes(name));
  const few = FEW.map((name, nth) => ruleOf(name, { count: 2, probability: 0.02, seed: seed + 1_000 + nth }));
  const most = drawn.map((name, nth) =>
    ruleOf(name, { probability: share / drawn.length, seed: seed + nth }),
  );
  return [...(patient ? few : []), ...most, { fault: 'refused', count: 5 }];
}

/** Whether the effect happens under a fault, at once or later, as the sandbox declares it. */
export const commits = (fault: FaultName): boolean =>
  /the effect happens|the right answer|the effect .* later/.test(faults[fault]) &&
  !faults[fault].endsWith('no effect');
