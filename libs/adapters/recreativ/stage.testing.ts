import { expect } from 'vitest';
import { Refusal, money } from '#canonical';
import type { OperationAsks, OperationKind, OperationResults } from '#canonical';
import type { ExtensionAsk, PlanRun, Reconcile, Send, Steps } from '#adapter-kit';
import { play } from '#adapter-kit/testing';
import type { Stage } from '#adapter-kit/testing';
import { recreativ } from './recreativ.adapter.js';
import { RecreativSettings } from './settings.js';
import { recreativSimulator } from './simulator.js';
import type { RecreativOptions } from './simulator/options.js';

const now = new Date('2026-01-15T12:00:00.000Z');
/** Roubles. */
export const rub = (amount: string) => money(amount, 'RUB');
/** A fresh Recreativ, and a wire that a test may cut. */
export const stageOf = (options: RecreativOptions = {}, wire?: Stage['wire']): Stage => ({
  adapter: recreativ,
  factory: recreativSimulator,
  simulator: recreativSimulator.create(options),
  context: { settings: new RecreativSettings() as never, now },
  wire,
});

/** Does an operation as the gateway would; `steps` is filled with what each exchange read. */
export function does<K extends OperationKind>(
  stage: Stage,
  kind: K,
  ask: OperationAsks[K],
  steps = {},
): OperationResults[K] {
  const { does: plan } = recreativ.operations[kind] as { does: Steps };
  return play(stage, plan.run(ask, stage.context), steps) as OperationResults[K];
}

/** The code of the refusal and the pointers of its fields. */
export function refused(act: () => unknown): [string, ...string[]] {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal)
      return [error.code, ...(error.members.errors ?? []).map(({ pointer }) => pointer)];
    throw error;
  }
  throw new Error('It was not refused.');
}

/** A wire that nothing may go over. */
export const never: Stage['wire'] = () => expect.unreachable();

const times = { firstSentAt: now, lastSentAt: now, repeats: 0, tries: 2 };
/** Has a reconcile plan judge a lost answer. */
export const judge = (
  stage: Stage,
  reconcile: Reconcile | undefined,
  ask: unknown,
  before: Record<string, unknown>,
) => play(stage, reconcile!.run(ask, { ...stage.context, ...times, before })) as { verdict: string };
/** A wire on which answers to one method get lost. */
export const lostOn =
  (method: string): Stage['wire'] =>
  (answer, request) =>
    request.method === method ? undefined : answer;
/** Plays a typed call as the gateway would. */
export function extension(stage: Stage, name: string, ask: Partial<ExtensionAsk>, steps = {}): any {
  const { does: call } = recreativ.extensions![name]!;
  const asked = { params: {}, query: {}, body: undefined, ...ask };
  const once = function* (): Generator<Send, unknown, unknown> {
    return yield { exchange: call as never, ask: asked };
  };
  return play(stage, ('run' in call ? call.run(asked, stage.context) : once()) as PlanRun<unknown>, steps);
}
