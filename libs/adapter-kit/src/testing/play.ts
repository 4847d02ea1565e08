import type { Adapter } from '../adapter.js';
import { Unanswered } from '../exchange.js';
import type { Context, Exchange } from '../exchange.js';
import { interpret } from '../interpret.js';
import type { Meaning } from '../interpret.js';
import type { PlanRun, Send } from '../plan.js';
import type { SimulatedAnswer, SimulatedRequest, Simulator, SimulatorFactory } from './simulator.js';
import { answerOfSimulator, simulated } from './wire-form.js';

/** Where a plan is played: the adapter, the simulator, and between them a wire that a test may cut. */
export interface Stage {
  adapter: Adapter;
  factory: SimulatorFactory;
  simulator: Simulator;
  context: Context;
  /** Is told each exchange that the plan sends. */
  sends?: (exchange: Exchange) => void;
  /** Sees each answer before the plan does, and may change it; `undefined` = the answer is lost. */
  wire?: (answer: SimulatedAnswer, request: SimulatedRequest) => SimulatedAnswer | undefined;
}

/** Plays a plan against a simulator without a network: returns its result, throws its `Refusal` or `Unanswered`; fills `steps` with the result of each exchange, by name. */
export function play<Result>(
  stage: Stage,
  plan: PlanRun<Result>,
  steps: Record<string, unknown> = {},
): Result {
  let turn = plan.next();
  while (!turn.done) {
    const { exchange } = turn.value;
    stage.sends?.(exchange);
    const meaning = make(stage, turn.value);
    if (meaning.kind === 'done') {
      steps[exchange.name] = meaning.result;
      turn = plan.next(meaning.result);
    } else {
      turn = plan.throw(meaning.kind === 'refused' ? meaning.refusal : unanswered(meaning));
    }
  }
  return turn.value;
}

const unanswered = (meaning: Exclude<Meaning, { kind: 'done' | 'refused' }>): Unanswered =>
  meaning.kind === 'unanswered' ? new Unanswered(meaning.reason, meaning) : new Unanswered(meaning.kind);

function make({ adapter, factory, simulator, context, wire }: Stage, { exchange, ask }: Send) {
  const demo = { ...factory.demo, settings: context.settings };
  const request = simulated(adapter, { ...factory, demo }, exchange.request(ask, context), context.now);
  const answered = simulator.handle(request);
  const answer = wire ? wire(answered, request) : answered;
  if (!answer) return { kind: 'unanswered', reason: 'lost' } as const;
  return interpret(adapter, exchange, answerOfSimulator(answer), ask, context);
}
