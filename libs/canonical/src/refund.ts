import { IsChoice, IsIdOf, IsMoment, IsText } from './fields.js';
import { IsMoney, Money } from './money.js';
import { IsParts } from './parts.js';
import { IsPoints, type Points } from './points.js';
import {
  operationStateField,
  operationStates,
  outcomeField,
  outcomes,
  type OperationState,
  type Outcome,
} from './states.js';
import { Warning } from './warning.js';

/** The input for a refund. */
export class RefundCreate {
  @IsMoney({
    optional: true,
    sign: 'positive',
    description: 'In units of the receipt’s total; absent = all that is left.',
    example: { amount: '100.00', currency: 'RUB' },
  })
  amount?: Money;

  @IsText({
    max: 64,
    description:
      'Your number of this refund, unique for ever per connection and kind of call; only a refused or withdrawn one is free again. The same refund under it gets the first answer (200), another one 409.',
    example: 'refund-2026-000117-1',
  })
  merchantReference!: string;

  @IsText({ optional: true, example: 'goods returned' })
  reason?: string;
}

/** A refund; every amount is positive. */
export class Refund {
  @IsIdOf('rfd')
  id!: string;

  @IsChoice(operationStates, { ...operationStateField, example: 'succeeded' })
  state!: OperationState;

  @IsChoice(outcomes, { ...outcomeField, example: 'executed' })
  outcome!: Outcome;

  @IsIdOf('pur')
  purchaseId!: string;

  @IsIdOf('opr')
  operationId!: string;

  @IsMoney({
    description: 'In units of the receipt’s total.',
    example: { amount: '100.00', currency: 'RUB' },
  })
  amount!: Money;

  @IsMoney({ optional: true, description: 'Money returned to the customer.' })
  returnedMoney?: Money;

  @IsPoints({ optional: true, description: 'Redeemed points returned to the customer.', example: '0' })
  returnedPoints?: Points;

  @IsPoints({ optional: true, description: 'Earned points taken back from the customer.', example: '5' })
  reversedEarnedPoints?: Points;

  @IsText({ optional: true, description: 'The refund’s id at the provider.', example: '37849124' })
  providerOperationId?: string;

  @IsParts(() => Warning, { optional: true, description: 'Absent if there are none.' })
  warnings?: Warning[];

  @IsText({ optional: true, max: 64, example: 'refund-2026-000117-1' })
  merchantReference?: string;

  @IsText({ optional: true, example: 'goods returned' })
  reason?: string;

  @IsMoment({ optional: true })
  createdAt?: string;
}
