import { IsChoice, IsIdOf, IsText } from './fields.js';
import { IsMoney, Money } from './money.js';
import { IsPoints, type Points } from './points.js';
import {
  operationStateField,
  operationStates,
  outcomeField,
  outcomes,
  type OperationState,
  type Outcome,
} from './states.js';

/** A change of a customer's balance. */
export class BalanceAdjustmentCreate {
  @IsMoney({
    description: 'The amount to add; negative to subtract.',
    example: { amount: '-50.00', currency: 'RUB' },
  })
  delta!: Money;

  @IsText({ optional: true, example: 'goodwill' })
  reason?: string;
}

/** A change of a customer's balance and its outcome. */
export class BalanceAdjustment {
  @IsIdOf('adj')
  id!: string;

  @IsChoice(operationStates, { ...operationStateField, example: 'succeeded' })
  state!: OperationState;

  @IsChoice(outcomes, { ...outcomeField, example: 'executed' })
  outcome!: Outcome;

  @IsIdOf('opr')
  operationId!: string;

  @IsIdOf('cus')
  customerId!: string;

  @IsMoney({ example: { amount: '-50.00', currency: 'RUB' } })
  delta!: Money;

  @IsMoney({ optional: true })
  balanceAfter?: Money;
}

/** One line of a customer's account at the provider. */
export class Transaction {
  @IsText({ optional: true, description: 'The id at the provider.', example: 'bon_9' })
  providerRef?: string;

  @IsText({ description: '`bonus`, `purchase`, `adjustment` or `other`.', example: 'bonus' })
  type!: string;

  @IsText({ optional: true, min: 0, example: 'cleared' })
  status?: string;

  @IsText({ optional: true, min: 0, description: 'The provider’s own status.', example: 'cleared' })
  providerStatus?: string;

  @IsMoney({ optional: true })
  amount?: Money;

  @IsPoints({ optional: true, example: '50' })
  points?: Points;

  @IsText({ optional: true, min: 0, max: 1000, multiline: true, example: 'Bonus for a friend’s order' })
  description?: string;

  @IsText({ optional: true, min: 0, example: '2026-11-20T18:05:00.000Z' })
  occurredAt?: string;

  @IsText({
    optional: true,
    min: 0,
    example: '2 days ago',
    description: 'The provider’s text, where it gives a relative time instead of a date.',
  })
  relativeTime?: string;
}

/** Totals of a customer's account, if the provider supplies them. */
export class TransactionTotals {
  @IsMoney({ optional: true, description: 'Available.' })
  cleared?: Money;

  @IsMoney({ optional: true, description: 'Not confirmed yet.' })
  pending?: Money;
}
