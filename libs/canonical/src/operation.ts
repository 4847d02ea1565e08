import { IsChoice, IsIdOf, IsMoment, IsText, IsWhole } from './fields.js';
import { IsMoney, Money } from './money.js';
import { IsPart } from './parts.js';
import { IsPoints, type Points } from './points.js';
import { Problem } from './problem.js';
import {
  evidences,
  operationStates,
  operationStateField,
  outcomeField,
  outcomes,
  retryClassField,
  retryClasses,
  type Evidence,
  type OperationState,
  type Outcome,
  type RetryClass,
} from './states.js';

/** The resource that an operation creates or changes. */
export class ResourceRef {
  @IsText({ example: 'purchase' })
  type!: string;

  @IsText({ example: 'pur_01h455vb4pex5vsknk084sn02q' })
  id!: string;
}

/** An operation's place in its lane. */
export class QueuePlace {
  @IsText({ example: 'uds-3f9a1c', description: 'See `GET /v1/lanes`.' })
  laneId!: string;

  @IsWhole({ min: 0, description: 'Calls before this one.', example: 3 })
  position!: number;

  @IsWhole({ min: 0, description: 'Expected wait in milliseconds.', example: 600 })
  etaMs!: number;
}

/** Reconciliation after a lost answer. */
export class Reconciliation {
  @IsText({
    example: 'operations-list',
    description: 'How the outcome is determined; depends on the provider call.',
  })
  strategy!: string;

  @IsWhole({ min: 0, example: 2 })
  tries!: number;

  @IsMoment({ optional: true, description: 'Absent if no further look-up is planned.' })
  nextAt?: string;
}

/** What a write asked for: by this and its time, a person finds it in the provider's cabinet. */
export class OperationFigures {
  @IsMoney({ optional: true, description: 'The total of a purchase, or what a refund returns.' })
  amount?: Money;

  @IsPoints({
    optional: true,
    description: 'The points that a purchase redeems, or that a hold reserves.',
    example: '100',
  })
  points?: Points;
}

/** A write and its outcome. */
export class Operation {
  @IsIdOf('opr')
  id!: string;

  @IsText({ example: 'createPurchase', description: 'The canonical operation.' })
  kind!: string;

  @IsPart(() => ResourceRef)
  resource!: ResourceRef;

  @IsChoice(operationStates, { ...operationStateField, example: 'succeeded' })
  state!: OperationState;

  @IsChoice(outcomes, { ...outcomeField, example: 'executed' })
  outcome!: Outcome;

  @IsChoice(evidences, {
    name: 'Evidence',
    description:
      'How well the outcome is proven: `proof` = by the provider’s own answer, or never sent; `strong` = by its records; `weak` = by something that may have another cause, such as a changed balance; `none` = not, or by a person’s word.',
    example: 'proof',
  })
  evidence!: Evidence;

  @IsChoice(retryClasses, { ...retryClassField, example: 'keyed' })
  retryClass!: RetryClass;

  @IsWhole({
    min: 0,
    description: 'Number of attempts, including those that ended before the call was sent.',
    example: 1,
  })
  attempts!: number;

  @IsPart(() => QueuePlace, {
    optional: true,
    description:
      'Present while the operation waits, except while its connection is paused or the outcome of another one has to be known first; what it waits for is in its timeline.',
  })
  queue?: QueuePlace;

  @IsPart(() => Reconciliation, { optional: true, description: 'Present once an answer was lost.' })
  reconcile?: Reconciliation;

  @IsPart(() => Problem, {
    optional: true,
    description: 'Why it was rejected, or what prevents its completion.',
  })
  problem?: Problem;

  @IsIdOf('con', { optional: true })
  connectionId?: string;

  @IsText({ optional: true, max: 64, example: 'order-2026-000117' })
  merchantReference?: string;

  @IsPart(() => OperationFigures, {
    optional: true,
    description: 'Of a purchase, a refund or a hold; not in lists, nor in the 202 of the write itself.',
  })
  figures?: OperationFigures;

  @IsMoment({ optional: true })
  createdAt?: string;

  @IsMoment({ optional: true })
  updatedAt?: string;
}

/** A person's decision about an operation in `unknown` or `needs-review`, or queued to be sent again; it is audited. */
export class OperationResolve {
  @IsChoice(['executed', 'not-executed'], {
    example: 'executed',
    description:
      'Before choosing `not-executed`, check at the provider, no earlier than one minute after the request was sent: until then it may still be booked, and a repeated sale would be booked twice.',
  })
  outcome!: 'executed' | 'not-executed';

  @IsText({ max: 1000, multiline: true, example: 'Seen in the provider’s cabinet under no. 37849123.' })
  note!: string;
}
