import { IsChoice, IsMoment, IsText, IsWhole } from './fields.js';
import {
  evidences,
  operationStates,
  operationStateField,
  outcomeField,
  outcomes,
  type Evidence,
  type OperationState,
  type Outcome,
} from './states.js';

const verdicts = ['executed', 'absent', 'inconclusive'] as const;

/** One step in the life of an operation: a change of its state, or a look-up. */
export class OperationEvent {
  @IsMoment()
  at!: string;

  @IsChoice(operationStates, { ...operationStateField, optional: true, example: 'queued' })
  from?: OperationState;

  @IsChoice(operationStates, { ...operationStateField, example: 'dispatching' })
  state!: OperationState;

  @IsChoice(outcomes, { ...outcomeField, optional: true, example: 'unknown' })
  outcome?: Outcome;

  @IsChoice(evidences, { name: 'Evidence', optional: true, description: 'How well the outcome is proven.' })
  evidence?: Evidence;

  @IsWhole({ optional: true, min: 1, description: 'The number of attempts so far.', example: 1 })
  attempt?: number;

  @IsWhole({ optional: true, min: 1, description: 'A look-up after a lost answer: its number.', example: 1 })
  probe?: number;

  @IsChoice(verdicts, { optional: true, description: 'What the look-up found.', example: 'absent' })
  verdict?: (typeof verdicts)[number];

  @IsText({ optional: true, max: 1000, example: 'No complete answer arrived within 6000 ms.' })
  note?: string;
}
