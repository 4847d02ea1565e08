import { compareMoney, exact, floorPoints, Refusal, refusalAt, roundMoney } from '#canonical';
import type { Money, Program, PurchaseAsk } from '#canonical';
import { partsOf, udsSum } from './amounts.js';
import { buyerOf, canRedeemBy } from './buyer.js';
import type { Buyer } from './buyer.js';
import type { SentPurchase } from './operation.js';
import { billOf, rateOf } from './price.js';
import type { Price, PriceAsk } from './price.js';

/** A purchase, and what was read for it: the company's settings, and the price, where a discount needs one. */
export interface Sale {
  ask: PurchaseAsk;
  program: Program;
  price?: Price;
}

/** What UDS prices of a sale. */
export const priceAskOf = ({ ask: { subject, receipt }, program }: Sale): PriceAsk => ({
  buyer: buyerOf(subject),
  receipt,
  program,
});

/** A purchase as sent to UDS: the customer, and sums that satisfy its checksum. */
export interface Order extends SentPurchase {
  buyer: Buyer;
  cash: Money;
  unredeemableTotal?: string;
  cashier?: PurchaseAsk['cashier'];
  /** The number is the till's own, which it may use again; absent for our reference. */
  tillsNumber?: true;
}

/** The points to redeem, rounded down to two decimals as UDS requires. */
export const pointsOf = ({ receipt }: PurchaseAsk): string => floorPoints(receipt.redeemPoints ?? '0');

/** The receipt number by which the purchase is found again. */
export const numberOf = ({ receipt, merchantReference }: PurchaseAsk): string =>
  receipt.number ?? merchantReference;

/** Refuses points with an identifier for which UDS does not accept them, or does not say so in the program's settings; without those, only what every company refuses. */
export function refuseRedeemWithoutCode(buyer: Buyer, points: string, program?: Program): void {
  if (exact(points).isZero() || buyer.by === 'code') return;
  if (program ? canRedeemBy(buyer.by, program) : buyer.by === 'phone') return;
  const detail =
    buyer.by === 'phone'
      ? 'The settings of this company do not allow points to be redeemed by phone: send the code from the customer’s app.'
      : 'UDS redeems points only with the code from the customer’s app, not for a known customer or by uid.';
  throw refusalAt('/receipt/redeemPoints', detail, 'redeem-requires-code');
}

/** The purchase in the form of UDS: `cash = total − points − (total − skipLoyaltyTotal) · discount`. */
export function orderOf({ ask, program, price }: Sale): Order {
  const { receipt } = ask;
  const points = pointsOf(ask);
  const bill = billOf(receipt, program, price);
  if (!bill)
    throw new Refusal('provider-rejected', {
      detail: 'UDS does not say which discount policy this company uses.',
    });
  const cash = udsSum(exact(bill.amount).minus(points), bill.currency);
  if (exact(cash.amount).isNegative())
    throw refusalAt('/receipt/redeemPoints', 'The points exceed the amount to pay.', 'redeem-limit-exceeded');
  refuseOtherPayable(roundMoney(cash), receipt.expectedPayable);
  return {
    buyer: buyerOf(ask.subject),
    total: receipt.total,
    cash,
    points,
    number: numberOf(ask),
    ...(receipt.number === undefined ? {} : { tillsNumber: true as const }),
    ...partsOf(receipt),
    cashier: ask.cashier,
    rate: program.policy === 'discount' && price ? rateOf(program, price) : undefined,
    earnRates: earnRatesOf(program),
  };
}

function earnRatesOf({ policy, baseTier, tiers = [] }: Program): string[] | undefined {
  const rates = [baseTier, ...tiers].flatMap(tier => (tier?.kind === 'cashback' ? tier.rate : []));
  return rates.length > 0 || policy === 'discount' ? rates : undefined;
}

function refuseOtherPayable(cash: Money, expected: Money | undefined): void {
  if (!expected || (expected.currency === cash.currency && compareMoney(expected, cash) === 0)) return;
  const detail = `The till expects ${roundMoney(expected).amount} ${expected.currency}, but by the rules of UDS the amount to pay is ${cash.amount} ${cash.currency}.`;
  throw refusalAt('/receipt/expectedPayable', detail, 'amount-mismatch');
}
