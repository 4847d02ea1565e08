import { Check, IsChoice, IsIdOf, IsText } from './fields.js';
import { IsMoney, Money } from './money.js';
import type { Fault } from './rules.js';
import { payoutStatuses, type PayoutStatus } from './states.js';

/** A payout method. */
export class PayoutMethod {
  @IsText({ example: '17' })
  id!: string;

  @IsText({ example: 'Perfect Money USD' })
  title!: string;

  @IsText({
    optional: true,
    description:
      'In percent, "0" = free; or the provider’s own words, where it is no percentage (`1% + 2 USD`).',
    example: '0',
  })
  fee?: string;

  @IsText({
    optional: true,
    description: 'The amount received, in the method’s own currency.',
    example: '154.2',
  })
  receives?: string;
}

const wholeBalance: Fault = {
  code: 'unsupported-field',
  detail: 'A payout always takes the whole balance; omit the amount.',
};

/** The input for ordering a payout. PP always pays the whole balance, so there is no amount. */
export class PayoutCreate {
  // Declared so that it is refused with the reason (422) rather than as an unknown field (400).
  @Check('whole balance', amount => (amount === undefined ? undefined : wholeBalance))
  amount?: never;

  @IsText({ max: 64, description: 'An id from `GET /v1/referral/payout-methods`.', example: '17' })
  methodId!: string;

  @IsText({
    description: 'The number of the account to pay to; stored encrypted, shown masked.',
    example: 'U1234567',
  })
  account!: string;
}

/** Money that the provider pays out to the partner. */
export class Payout {
  @IsText({ example: 'pay_01h455vb4pex5vsknk084sn02q', description: 'The gateway’s id.' })
  id!: string;

  @IsText({ optional: true, example: '812', description: 'The payout’s id at the provider.' })
  providerRef?: string;

  @IsChoice(payoutStatuses, {
    name: 'PayoutStatus',
    description: '`other` = a word of the provider that the gateway does not know.',
    example: 'pending',
  })
  status!: PayoutStatus;

  @IsText({ optional: true, min: 0, example: '0', description: 'The provider’s own status.' })
  providerStatus?: string;

  @IsText({
    optional: true,
    description: 'The method of payment: its id at PP, its name at Recreativ.',
    example: '17',
  })
  methodId?: string;

  @IsText({ min: 0, example: 'U•••••67' })
  accountMasked!: string;

  @IsMoney({
    optional: true,
    description: 'The amount paid.',
    example: { amount: '154.20', currency: 'PMUSD' },
  })
  amount?: Money;

  @IsMoney({ optional: true, description: 'The same amount in the account’s own currency.' })
  originalAmount?: Money;

  @IsText({ optional: true, example: '2026-11-20T18:05:00.000Z' })
  createdAt?: string;

  @IsIdOf('opr', { optional: true })
  operationId?: string;
}
