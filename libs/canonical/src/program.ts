import { IsChoice, IsFlag, IsText, IsTexts, IsWhole } from './fields.js';
import { IsAnything, IsParts, IsPart } from './parts.js';
import { IsMoney, Money } from './money.js';
import { IsPercent, type Percent } from './percent.js';

/** cashback = points are earned; discount = the price is reduced. */
export const tierKinds = ['cashback', 'discount'] as const;
/** One of `tierKinds`. */
export type TierKind = (typeof tierKinds)[number];

/** The policies of programmes. */
export const programPolicies = ['redeem-points', 'discount', 'mixed'] as const;
/** One of `programPolicies`. */
export type ProgramPolicy = (typeof programPolicies)[number];

/** A level of the programme. */
export class Tier {
  @IsText({ optional: true, example: '23684' })
  id?: string;

  @IsText({ optional: true, example: 'Gold' })
  name?: string;

  @IsChoice(tierKinds, {
    name: 'TierKind',
    description: 'Whether `rate` is earned as points or deducted from the price.',
    example: 'cashback',
  })
  kind!: TierKind;

  @IsPercent({ description: 'Percent of the receipt.', example: '5' })
  rate!: Percent;

  @IsPercent({ optional: true, description: 'The part of a receipt that points may pay.', example: '50' })
  maxRedeemPercent?: Percent;
}

/** The rules of a merchant's loyalty or referral programme; what the provider does not supply is absent. */
export class Program {
  @IsText({ optional: true, example: 'Coffee & Co' })
  name?: string;

  @IsText({ optional: true, example: 'RUB', max: 16 })
  currency?: string;

  @IsChoice(programPolicies, {
    name: 'ProgramPolicy',
    optional: true,
    description: 'Points to redeem, a discount, or both (`mixed`).',
    example: 'redeem-points',
  })
  policy?: ProgramPolicy;

  @IsPart(() => Tier, { optional: true, description: 'The level that new customers start at.' })
  baseTier?: Tier;

  @IsParts(() => Tier, { optional: true, description: 'The levels above it.' })
  tiers?: Tier[];

  @IsTexts({
    optional: true,
    description: 'The inviters’ percentages, starting with the nearest level.',
    example: ['5', '3', '1'],
  })
  referralRates?: Percent[];

  @IsFlag({ optional: true, description: 'Points can be redeemed by phone number.', example: false })
  redeemByPhone?: boolean;

  @IsFlag({ optional: true, description: 'A purchase can be made by phone number.', example: true })
  purchaseByPhone?: boolean;

  @IsText({
    optional: true,
    description: 'The code that a new customer enters to join.',
    example: 'coffee24',
  })
  joinCode?: string;

  @IsWhole({ optional: true, description: 'The longest hold that the provider allows.', example: 1800 })
  maxHoldSeconds?: number;

  @IsMoney({ optional: true, description: 'The merchant’s own balance at the provider.' })
  balance?: Money;

  @IsMoney({ optional: true, description: 'The smallest payout.' })
  minPayout?: Money;

  @IsAnything({ description: 'The provider’s answer, redacted; with `?include=raw`.' })
  raw?: unknown;
}
