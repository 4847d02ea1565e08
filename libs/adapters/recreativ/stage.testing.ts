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
/** A fresh simulator, and a wire that a test may cut. */
export const stageOf = (options: RecreativOptions = {}, wire?: Stage['wire']): Stage => ({
  adapter: recreativ,
  factory: recreativSimulator,
  simulator: recreativSimulator.create(options),
  context: { settings: new RecreativSettings() as never, now },
  wire,
});

/** Performs an operation as the gateway would; fills `steps` with the result of each exchange. */
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

/** A wire on which nothing may be sent. */
export const never: Stage['wire'] = () => expect.unreachable();

const times = { firstSentAt: now, lastSentAt: now, repeats: 0, tries: 2 };
/** Runs a reconcile plan for an answer that was lost so many milliseconds ago. */
export const judge = (
  stage: Stage,
  reconcile: Reconcile | undefined,
  ask: unknown,
  before: Record<string, unknown>,
  lostForMs = 0,
) => {
  const lastSentAt = new Date(now.getTime() - lostForMs);
  const context = { ...stage.context, ...times, lastSentAt, before };
  return play(stage, reconcile!.run(ask, context)) as { verdict: string };
};
/** A wire that loses the answers to one method. */
export const lostOn =
  (method: string): Stage['wire'] =>
  (answer, request) =>
    request.method === method ? undefined : answer;
/** Plays a typed call as the gateway would. */
export function extension(stage: Stage, name: string, ask: Partial<ExtensionAsk>, steps = {}): any {
  const { does: call } = recreativ.extensions![name]!;
  const input = { params: {}, query: {}, body: undefined, ...ask };
  const once = function* (): Generator<Send, unknown, unknown> {
    return yield { exchange: call as never, ask: input };
  };
  return play(stage, ('run' in call ? call.run(input, stage.context) : once()) as PlanRun<unknown>, steps);
}
