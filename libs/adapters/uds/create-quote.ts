import { steps, send, Unreadable } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import {
  comparePoints,
  exact,
  floorPoints,
  isZeroPoints,
  leastPoints,
  money,
  moneyAsPoints,
  percentAsPoints,
  Refusal,
  subtractMoney,
} from '#canonical';
import type { Money, Program, QuoteAsk, QuoteData, Receipt, Warning } from '#canonical';
import { buyerOf, canRedeemBy } from './buyer.js';
import type { Buyer } from './buyer.js';
import { billOf, priced, priceReceipt } from './price.js';
import type { Price } from './price.js';
import { getSettings, refuseOtherCurrency } from './program.js';
import type { UdsContext } from './request.js';

/** A quote out of one look at the bill: points only ever subtract from it, so no second call is asked for them. */
export const createQuote = steps<QuoteAsk, QuoteData>(
  priceReceipt,
  function* ({ subject, receipt }, context: UdsContext): PlanRun<QuoteData> {
    const buyer = buyerOf(subject);
    const program = yield* send(getSettings, {});
    refuseOtherCurrency(program, receipt.total);
    const price = yield* priced({ buyer, receipt, program }, context);
    return quoteOf(receipt, program, price, buyer);
  },
);

function quoteOf(receipt: Receipt, program: Program, price: Price, buyer: Buyer): QuoteData {
  const bill = billOf(receipt, program, price);
  if (!bill || price.maxRedeemPoints === undefined)
    throw new Unreadable('/purchase/maxPoints', 'the answer prices nothing');
  const tierKind = program.policy === 'discount' ? 'discount' : 'cashback';
  const rate = rateOf(program, price);
  const max = leastPoints(price.maxRedeemPoints, redeemableOf(receipt, bill));
  const points = floorPoints(receipt.redeemPoints ?? '0');
  if (comparePoints(points, max) > 0) throw tooMany(points, max, price.customer.balancePoints);
  return {
    maxRedeemPoints: max,
    earnPoints:
      price.earnPoints ?? (tierKind === 'cashback' ? percentAsPoints(earningPart(receipt), rate) : '0'),
    discount: subtractMoney(receipt.total, bill),
    payable: less(bill, points),
    payableIfMaxRedeemed: less(bill, max),
    rate,
    tierKind,
    basis: price.earnPoints !== undefined && price.payable ? 'provider' : 'computed',
    warnings: isZeroPoints(points) || canRedeemBy(buyer.by, program) ? [] : [codeNeeded],
    customer: price.customer,
  };
}

// The rate of this bill; a customer without a tier of their own is on the base tier.
function rateOf(program: Program, { discountPercent, customer }: Price): string {
  const ofBill = program.policy === 'discount' ? discountPercent : undefined;
  const rate = ofBill ?? customer.tier?.rate ?? program.baseTier?.rate;
  if (rate === undefined) throw new Unreadable('/user/participant/membershipTier/rate', 'is missing');
  return rate;
}

const less = (bill: Money, points: string): Money =>
  money(exact(bill.amount).minus(exact(points)), bill.currency);

const earningPart = ({ total, excludedTotal }: Receipt): Money =>
  excludedTotal ? subtractMoney(total, excludedTotal) : total;

// Also where UDS was asked without the unredeemable part: points never pay that, nor more than the bill.
function redeemableOf({ total, unredeemableTotal }: Receipt, bill: Money): string {
  const allowed = unredeemableTotal ? subtractMoney(total, unredeemableTotal) : total;
  return leastPoints(moneyAsPoints(bill), moneyAsPoints(allowed));
}

function tooMany(points: string, max: string, balance: string | undefined): Refusal {
  const poor = balance !== undefined && comparePoints(points, balance) > 0;
  return new Refusal(poor ? 'insufficient-points' : 'redeem-limit-exceeded', {
    maxRedeemPoints: max,
    detail: `${points} points cannot be redeemed for this receipt; the most is ${max}.`,
  });
}

const codeNeeded: Warning = {
  code: 'redeem-requires-code',
  detail:
    'A purchase with points needs the code from the customer’s app; UDS refuses them by this identifier.',
  pointer: '/receipt/redeemPoints',
};
