import { IsChoice, IsIdOf, IsMoment, IsText, IsTexts } from './fields.js';
import { IsPart, IsParts, IsTextMap } from './parts.js';
import { Who } from './identifier.js';
import { IsMoney, Money } from './money.js';
import { IsPercent, type Percent } from './percent.js';
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

/** The amounts of a sale, all in one currency. */
export class Receipt {
  @IsMoney({
    sign: 'zero',
    description: 'The total after other discounts and before this programme’s.',
    example: { amount: '1000.00', currency: 'RUB' },
  })
  total!: Money;

  @IsText({
    optional: true,
    max: 64,
    description: 'The receipt number; defaults to `merchantReference`.',
    example: 'R-000117',
  })
  number?: string;

  @IsMoney({
    sign: 'zero',
    optional: true,
    description: 'The part of the total that earns no points and gets no discount.',
  })
  excludedTotal?: Money;

  @IsMoney({
    sign: 'zero',
    optional: true,
    description: 'The part of the total that cannot be paid with points.',
  })
  unredeemableTotal?: Money;

  @IsPoints({ sign: 'zero', optional: true, description: 'Points to redeem; 0 by default.', example: '0' })
  redeemPoints?: Points;

  @IsMoney({
    sign: 'zero',
    optional: true,
    description:
      'What the till is about to charge. If the gateway computes another amount, a purchase is refused with 422 `amount-mismatch`; a quote has a warning of that code.',
  })
  expectedPayable?: Money;
}

/** The cashier of a sale. */
export class Cashier {
  @IsText({ max: 64, example: 'till-7' })
  externalId!: string;

  @IsText({ optional: true, example: 'Olga' })
  name?: string;
}

/** The input for booking a sale at the provider. */
export class PurchaseCreate extends Who {
  @IsText({
    max: 64,
    description:
      'Your number of this sale, unique for ever per connection and kind of call; only a refused or withdrawn one is free again. The same sale under it gets the first answer (200), another one 409. An absent field is not the same as one that is sent with its default.',
    example: 'order-2026-000117',
  })
  merchantReference!: string;

  @IsPart(() => Receipt)
  receipt!: Receipt;

  @IsText({ optional: true, max: 64, description: 'Point of sale at the provider.', example: 'shop-1' })
  locationId?: string;

  @IsPart(() => Cashier, { optional: true })
  cashier?: Cashier;

  @IsTexts({
    optional: true,
    ids: 'hld',
    max: 20,
    description: 'Holds that this purchase consumes.',
    example: [],
  })
  holdIds?: string[];

  @IsTextMap({ optional: true, description: 'Stored and returned unchanged.', example: { till: '7' } })
  metadata?: Record<string, string>;
}

/** The sale as the provider booked it. */
export class PurchaseResult {
  @IsMoney({ description: 'What the customer pays by card or cash.' })
  payable!: Money;

  @IsPoints({ description: 'Points redeemed.', example: '0' })
  redeemedPoints!: Points;

  @IsPoints({
    optional: true,
    description: 'Points earned; absent if the provider does not tell.',
    example: '50',
  })
  earnedPoints?: Points;

  @IsMoney({ description: 'What the programme deducted from the total.' })
  discount!: Money;

  @IsPercent({ optional: true, description: 'The rate that was applied.', example: '5' })
  rate?: Percent;

  @IsText({ optional: true, description: 'The sale’s id at the provider.', example: '37849123' })
  providerOperationId?: string;

  @IsText({
    optional: true,
    description: 'The provider’s time of the sale.',
    example: '2026-11-21T10:00:00.000Z',
  })
  providerTime?: string;

  @IsPoints({ optional: true, example: '928' })
  balanceAfterPoints?: Points;
}

/** How much of a purchase was refunded. */
export class RefundTotals {
  @IsMoney({ description: 'Amount certainly refunded.' })
  refunded!: Money;

  @IsMoney({ description: 'Amount in refunds whose outcome is still unknown.' })
  inDoubt!: Money;

  @IsMoney({ description: 'What can still be refunded.' })
  refundable!: Money;
}

/** A sale at the provider. */
export class Purchase {
  @IsIdOf('pur')
  id!: string;

  @IsChoice(operationStates, { ...operationStateField, example: 'succeeded' })
  state!: OperationState;

  @IsChoice(outcomes, { ...outcomeField, example: 'executed' })
  outcome!: Outcome;

  @IsIdOf('opr')
  operationId!: string;

  @IsIdOf('con')
  connectionId!: string;

  @IsIdOf('cus', { optional: true, description: 'Absent until the provider has identified the customer.' })
  customerId?: string;

  @IsText({ max: 64, example: 'order-2026-000117' })
  merchantReference!: string;

  @IsPart(() => Receipt)
  receipt!: Receipt;

  @IsPart(() => PurchaseResult, {
    optional: true,
    description: 'Present once the provider’s figures are known; never if a person settled the purchase.',
  })
  result?: PurchaseResult;

  @IsPart(() => RefundTotals)
  refunds!: RefundTotals;

  @IsParts(() => Warning, { example: [] })
  warnings!: Warning[];

  @IsTextMap({ example: { till: '7' } })
  metadata!: Record<string, string>;

  @IsMoment()
  createdAt!: string;

  @IsMoment()
  updatedAt!: string;
}
