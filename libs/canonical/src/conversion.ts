import { IsChoice, IsIdOf, IsText, IsWhole } from './fields.js';
import { IsParts } from './parts.js';
import { IsMoney, Money } from './money.js';
import { conversionStatuses, type ConversionStatus } from './states.js';

/** A sale to a recommended person. */
export class ConversionCreate {
  @IsIdOf('led', { description: 'The lead that bought.' })
  leadId!: string;

  @IsMoney({ sign: 'positive', example: { amount: '15000.00', currency: 'RUB' } })
  amount!: Money;

  @IsText({
    max: 64,
    description: 'The merchant’s own id of the sale; unique per connection.',
    example: 'order-2026-000118',
  })
  merchantReference!: string;
}

/** What one inviter gets of a conversion. */
export class ConversionBonus {
  @IsText({ example: 'usr_17', description: 'The inviter’s id at the provider.' })
  customerRef!: string;

  @IsMoney({ example: { amount: '750.00', currency: 'RUB' } })
  amount!: Money;

  @IsWhole({ min: 0, description: 'Distance from the buyer.', example: 1 })
  tier!: number;
}

/** A sale that a recommendation brought. */
export class Conversion {
  @IsText({ example: 'cnv_01h455vb4pex5vsknk084sn02q', description: 'Ours.' })
  id!: string;

  @IsText({ optional: true, example: 'conv_55', description: 'Its id at the provider.' })
  providerRef?: string;

  @IsText({ optional: true, example: 'led_01h455vb4pex5vsknk084sn02q' })
  leadId?: string;

  @IsText({ optional: true, max: 64, example: 'order-2026-000118' })
  merchantReference?: string;

  @IsChoice(conversionStatuses, {
    name: 'ConversionStatus',
    description: 'reversed = approved once and taken back.',
    example: 'approved',
  })
  status!: ConversionStatus;

  @IsText({ optional: true, min: 0, description: 'The provider’s own word.', example: 'success' })
  providerStatus?: string;

  @IsMoney({ optional: true, description: 'The sale.' })
  amount?: Money;

  @IsMoney({ optional: true, description: 'What the partner gets.' })
  reward?: Money;

  @IsParts(() => ConversionBonus, { optional: true, description: 'What each inviter gets.' })
  bonuses?: ConversionBonus[];

  @IsText({ optional: true, example: '2026-11-20T18:05:00.000Z' })
  occurredAt?: string;

  @IsIdOf('opr', { optional: true })
  operationId?: string;
}
