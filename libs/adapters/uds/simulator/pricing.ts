import { Decimal } from 'decimal.js';
import type { SimCustomer, World } from './world.js';

/** A bill and its excluded and unredeemable parts. */
export interface Bill {
  total: Decimal;
  skipLoyaltyTotal: Decimal;
  unredeemableTotal: Decimal;
}

/** A priced bill, in roubles and points. */
export interface Priced {
  discountPercent: Decimal;
  discountAmount: Decimal;
  maxPoints: Decimal;
  /** The largest part of this bill that points may pay in this tier. */
  limit: Decimal;
  points: Decimal;
  cash: Decimal;
  cashBack: Decimal;
}

const down = (value: Decimal): Decimal => value.toDecimalPlaces(2, Decimal.ROUND_DOWN);
const round = (value: Decimal): Decimal => value.toDecimalPlaces(2, Decimal.ROUND_HALF_UP);

/** Prices a bill; without `points`, as many as are allowed. */
export function price(world: World, customer: SimCustomer, bill: Bill, points?: Decimal): Priced {
  const { total, skipLoyaltyTotal, unredeemableTotal } = bill;
  const { rate, maxScoresDiscount } = customer.tier;
  const discounts = world.options.policy === 'APPLY_DISCOUNT';
  const discountPercent = new Decimal(discounts ? rate : 0);
  const discountAmount = total.minus(skipLoyaltyTotal).times(discountPercent).dividedBy(100);
  const limit = Decimal.min(
    total.times(maxScoresDiscount ?? 100).dividedBy(100),
    total.minus(unredeemableTotal),
    total.minus(discountAmount),
  );
  const maxPoints = Decimal.max(0, down(Decimal.min(customer.points, limit)));
  const used = points ?? maxPoints;
  const cash = round(total.minus(used).minus(discountAmount));
  const earning = Decimal.max(0, cash.minus(skipLoyaltyTotal));
  return {
    discountPercent,
    discountAmount: round(discountAmount),
    maxPoints,
    limit: down(limit),
    points: used,
    cash,
    cashBack: discounts ? new Decimal(0) : down(earning.times(rate).dividedBy(100)),
  };
}

/** The `purchase` of a find or calc answer. */
export function renderPurchase(customer: SimCustomer, bill: Bill, priced: Priced): object {
  const { total } = bill;
  const net = priced.discountAmount.plus(priced.points);
  const share = (part: Decimal) => (total.isZero() ? 0 : round(part.dividedBy(total).times(100)).toNumber());
  return {
    maxPoints: priced.maxPoints.toNumber(),
    total: total.toNumber(),
    skipLoyaltyTotal: bill.skipLoyaltyTotal.toNumber(),
    unredeemableTotal: bill.unredeemableTotal.toNumber(),
    discountAmount: priced.discountAmount.toNumber(),
    discountPercent: priced.discountPercent.toNumber(),
    points: priced.points.toNumber(),
    pointsPercent: share(priced.points),
    netDiscount: net.toNumber(),
    netDiscountPercent: share(net),
    certificatePoints: 0,
    cash: priced.cash.toNumber(),
    cashTotal: priced.cash.toNumber(),
    cashBack: priced.cashBack.toNumber(),
    extras: {},
    maxScoresDiscount: customer.tier.maxScoresDiscount,
  };
}
