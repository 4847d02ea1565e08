import { IsChoice, IsIdOf, IsText, IsTexts } from './fields.js';
import { IsAnything, IsPart, IsParts } from './parts.js';
import { Who } from './identifier.js';
import { IsMoney, Money } from './money.js';
import { IsPercent, type Percent } from './percent.js';
import { IsPoints, type Points } from './points.js';
import { tierKinds, type TierKind } from './program.js';
import { Receipt } from './purchase.js';
import { Warning } from './warning.js';

/** The input for pricing a receipt; nothing is booked. */
export class QuoteCreate extends Who {
  @IsPart(() => Receipt)
  receipt!: Receipt;

  @IsText({ optional: true, max: 64, description: 'Point of sale at the provider.', example: 'shop-1' })
  locationId?: string;

  @IsTexts({
    optional: true,
    ids: 'hld',
    max: 20,
    description: 'Holds whose points count as available.',
    example: [],
  })
  holdIds?: string[];
}

/** Whose figures a quote has. */
export const quoteBases = ['provider', 'computed'] as const;
/** One of `quoteBases`. */
export type QuoteBasis = (typeof quoteBases)[number];

/** What a receipt would cost, earn and allow. */
export class Quote {
  @IsIdOf('cus', { optional: true })
  customerId?: string;

  @IsPoints({ description: 'The most points that can be redeemed on this receipt.', example: '439' })
  maxRedeemPoints!: Points;

  @IsPoints({ description: 'Points earned if none are redeemed.', example: '50' })
  earnPoints!: Points;

  @IsMoney({
    description: 'What the programme deducts from the total.',
    example: { amount: '0.00', currency: 'RUB' },
  })
  discount!: Money;

  @IsMoney({ description: 'The amount to pay if `receipt.redeemPoints` (default 0) are redeemed.' })
  payable!: Money;

  @IsMoney({ description: 'The amount to pay if `maxRedeemPoints` are redeemed.' })
  payableIfMaxRedeemed!: Money;

  @IsPercent({ description: 'The rate for this receipt; may differ from the tier’s rate.', example: '5' })
  rate!: Percent;

  @IsChoice(tierKinds, { name: 'TierKind', example: 'cashback' })
  tierKind!: TierKind;

  @IsChoice(quoteBases, {
    name: 'QuoteBasis',
    description:
      '`provider` = the provider’s own figures; `computed` = computed by the gateway from the provider’s rules.',
    example: 'provider',
  })
  basis!: QuoteBasis;

  @IsParts(() => Warning, { example: [] })
  warnings!: Warning[];

  @IsAnything({ description: 'The provider’s answer, redacted; with `?include=raw`.' })
  raw?: unknown;
}
