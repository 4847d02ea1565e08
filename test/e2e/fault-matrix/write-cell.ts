import type { FaultName } from '../../../apps/sandbox/src/faults/fault-names.js';
import { PATIENCE_MS, endOf, firstStruck } from './course.js';
import { beforeTheCall, oneField, pathOf, pathsOf } from './expected.js';
import { honestAnswer, rightCalls, rightEffects, rightStates } from './judge.js';
import type { Seen } from './judge.js';
import { Stage } from './stage.js';
import type { MatrixWorld } from './stage.js';
import type { WriteCall } from './write-call.js';

/** Runs one whole operation with the fault on its write; returns the violations. */
export async function playWrite(world: MatrixWorld, call: WriteCall, fault: FaultName): Promise<string[]> {
  const stage = await Stage.open(world, call.provider, {
    settings: call.settings,
    alone: beforeTheCall.includes(fault),
  });
  try {
    const { kind, body, params = {} } = await call.arrange(stage);
    await stage.begin();
    // A changed text is still a text.
    const pointer = oneField.includes(fault) && fault !== 'drift-new-word' ? call.needs : undefined;
    stage.wire.aim({ fault, strikes: 'once', at: call.wire, params: pointer ? { pointer } : undefined });
    const answer = await stage.ask(kind, body, params, PATIENCE_MS);
    const answered = await stage.row(answer.operationId!);
    const first = await firstStruck(stage, answered);
    await stage.company.breakCalls([]);
    const end = await endOf(stage, first, fault);
    const usual = pathsOf(fault, call.way, pointer !== undefined);
    const paths = call.endsWith429 && fault.startsWith('429') ? [pathOf('queued', 'needs-review')] : usual;
    const seen: Seen = { call, fault, first, end, lines: await stage.journal(), paths };
    return [
      ...honestAnswer(answer.status, answered),
      ...rightStates(seen),
      ...rightCalls(seen),
      ...rightEffects(seen),
    ].map(sentence => `${fault}: ${sentence}`);
  } catch (error) {
    return [`${fault}: ${String((error as Error).stack ?? error)}`];
  } finally {
    await stage.close();
  }
}
