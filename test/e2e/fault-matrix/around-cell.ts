import type { FaultName } from '../../../apps/sandbox/src/faults/fault-names.js';
import { PATIENCE_MS, endOf, firstStruck } from './course.js';
import { beforeTheCall, isSentOnce, neverPlayed } from './expected.js';
import { isCall, rightEffects, standsTo } from './judge.js';
import { Stage } from './stage.js';
import type { MatrixWorld } from './stage.js';
import type { WriteCall } from './write-call.js';

/** How an answer is lost before reconciliation: with its effect, or without. */
export type Loss = (typeof losses)[number];
const losses = ['commit-then-reset', 'reset-before-reading'] as const;

/** One fault of each kind: no connection, no answer, an unusable answer, a refusal, and changed fields. */
export const aroundFaults: readonly FaultName[] = [
  'refused',
  'black-hole',
  '500-without-commit',
  'html-200',
  '429-retry-after-rubbish',
  'refusal-200',
  'drift-missing',
  'drift-null',
  'drift-new-word',
];

/** Every lost answer with every fault of the next call; if that is only a repeat, an existing effect is the harder case. */
export const aftermaths = ({ way }: WriteCall): { fault: FaultName; loss: Loss }[] =>
  aroundFaults.flatMap(fault =>
    losses.slice(0, way === 'repeat' ? 1 : losses.length).map(loss => ({ fault, loss })),
  );

interface Plan {
  call: WriteCall;
  fault: FaultName;
  /** Absent = the fault hits the read before the write. */
  loss?: Loss;
}

/** Plays the fault on the read before a write: nothing has been sent by then. */
export const playStep = (world: MatrixWorld, call: WriteCall, fault: FaultName): Promise<string[]> =>
  play(world, { call, fault });

/** Loses the write's answer, and plays the fault on the next call, a probe or a repeat. */
export const playLook = (
  world: MatrixWorld,
  call: WriteCall,
  how: { fault: FaultName; loss: Loss },
): Promise<string[]> => play(world, { call, ...how });

async function play(world: MatrixWorld, plan: Plan): Promise<string[]> {
  const { call, fault, loss } = plan;
  const alone = beforeTheCall.includes(fault);
  const stage = await Stage.open(world, call.provider, { settings: call.settings, alone });
  const title = `${fault}${loss ? ` after ${loss}` : ''}`;
  try {
    const { kind, body, params = {} } = await call.arrange(stage);
    await stage.begin();
    stage.wire.aim({ fault: loss ?? fault, strikes: 'once', at: loss ? call.wire : /^/ });
    const { operationId } = await stage.ask(kind, body, params, PATIENCE_MS);
    const first = await firstStruck(stage, await stage.row(operationId!));
    await stage.company.breakCalls([]);
    if (loss) {
      if (!(await isLost(stage, plan))) return [`${title}: set-up failed: ${neverPlayed}`];
      stage.wire.reset();
      stage.wire.aim({ fault, strikes: 'once', at: /^/ });
    }
    const end = await endOf(stage, first, fault);
    const lines = await stage.journal();
    const sent = lines.filter(line => isCall(call, line) && !line.fault?.startsWith('429')).length;
    const once = isSentOnce(call.way);
    const ends = endsOf(plan);
    return [
      ...(stage.wire.struck ? [] : [neverPlayed]),
      ...(ends.includes(end.state) && standsTo(call, end)
        ? []
        : [`${end.state} by ${end.evidence}, and not ${ends.join(' or ')}`]),
      ...(once && sent > 1 ? [`sent ${sent} times, and may never be repeated`] : []),
      ...rightEffects({ lines, end }),
    ].map(sentence => `${title}: ${sentence}`);
  } catch (error) {
    return [`${title}: ${String((error as Error).stack ?? error)}`];
  } finally {
    await stage.close();
  }
}

// Cut off before the provider has read it, the call is no lost one, and is sent later as if it were the first.
const isLost = async (stage: Stage, { call, loss }: Plan): Promise<boolean> =>
  (await stage.journal()).some(line => line.fault === loss && isCall(call, line));

function endsOf({ call: { way }, fault, loss }: Plan): string[] {
  const drifts = fault.startsWith('drift');
  // A refusal of the earlier read is final; an unreadable answer is requested again.
  if (!loss) return fault === 'refusal-200' || drifts ? ['succeeded', 'rejected'] : ['succeeded'];
  if (way === 'person') return ['needs-review'];
  if (way === 'proof' || way === 'sighting') {
    const absent = way === 'proof' ? 'rejected' : 'needs-review';
    const truth = loss === 'commit-then-reset' ? 'succeeded' : absent;
    return drifts ? [truth, 'needs-review'] : [truth];
  }
  // A refusal of the repeat says nothing about the first sending.
  return way === 'repeat' && fault === 'refusal-200' ? ['succeeded', 'needs-review'] : ['succeeded'];
}
