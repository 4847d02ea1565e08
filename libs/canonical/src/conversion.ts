import { IsChoice, IsIdOf, IsText, IsWhole } from './fields.js';
import { IsParts } from './parts.js';
import { IsMoney, Money } from './money.js';
import { conversionStatuses, type ConversionStatus } from './states.js';

/** The input for reporting a sale to a referred person. */
export class ConversionCreate {
  @IsIdOf('led', { description: 'The lead that bought.' })
  leadId!: string;

  @IsMoney({ sign: 'positive', example: { amount: '15000.00', currency: 'RUB' } })
  amount!: Money;

  @IsText({
    max: 64,
    description:
      'Your number of this sale, unique for ever per connection and kind of call; only a refused or withdrawn one is free again. The same sale under it gets the first answer (200), another one 409.',
    example: 'order-2026-000118',
  })
  merchantReference!: string;
}

/** One inviter's share of a conversion. */
export class ConversionBonus {
  @IsText({ example: 'usr_17', description: 'The inviter’s id at the provider.' })
  customerRef!: string;

  @IsMoney({ example: { amount: '750.00', currency: 'RUB' } })
  amount!: Money;

  @IsWhole({ min: 0, description: 'Number of levels above the buyer.', example: 1 })
  tier!: number;
}

/** A sale that came from a referral. */
export class Conversion {
  @IsText({ example: 'cnv_01h455vb4pex5vsknk084sn02q', description: 'The gateway’s id.' })
  id!: string;

  @IsText({ optional: true, example: 'conv_55', description: 'The id at the provider.' })
  providerRef?: string;

  @IsText({ optional: true, example: 'led_01h455vb4pex5vsknk084sn02q' })
  leadId?: string;

  @IsText({ optional: true, max: 64, example: 'order-2026-000118' })
  merchantReference?: string;

  @IsChoice(conversionStatuses, {
    name: 'ConversionStatus',
    description: '`reversed` = approved and later taken back.',
    example: 'approved',
  })
  status!: ConversionStatus;

  @IsText({ optional: true, min: 0, description: 'The provider’s own status.', example: 'success' })
  providerStatus?: string;

  @IsMoney({ optional: true, description: 'The amount of the sale.' })
  amount?: Money;

  @IsMoney({ optional: true, description: 'The partner’s reward.' })
  reward?: Money;

  @IsParts(() => ConversionBonus, { optional: true, description: 'Each inviter’s share.' })
  bonuses?: ConversionBonus[];

  @IsText({ optional: true, example: '2026-11-20T18:05:00.000Z' })
  occurredAt?: string;

  @IsIdOf('opr', { optional: true })
  operationId?: string;
}
