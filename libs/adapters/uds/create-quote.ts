import { steps, send, Unreadable } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import {
  comparePoints,
  exact,
  floorPoints,
  isZeroPoints,
  leastPoints,
  money,
  otherThanExpected,
  percentAsPoints,
  Refusal,
  subtractMoney,
} from '#canonical';
import type { Money, Program, QuoteAsk, QuoteData, Receipt, Warning } from '#canonical';
import { discountOf } from './amounts.js';
import { buyerOf, canRedeemBy } from './buyer.js';
import type { Buyer } from './buyer.js';
import { notTransmitted } from './not-transmitted.js';
import { billOf, priced, priceReceipt, rateOf, redeemableOf } from './price.js';
import type { Price } from './price.js';
import { getSettings, refuseOtherCurrency } from './program.js';
import type { UdsContext } from './request.js';

/** A quote from a single pricing call: redeemed points only reduce the sum, so they need no second call. */
export const createQuote = steps<QuoteAsk, QuoteData>(
  priceReceipt,
  function* (ask, context: UdsContext): PlanRun<QuoteData> {
    const { subject, receipt } = ask;
    const buyer = buyerOf(subject);
    const program = yield* send(getSettings, {});
    refuseOtherCurrency(program, receipt.total);
    const price = yield* priced({ buyer, receipt, program }, context);
    const quote = quoteOf(receipt, program, price, buyer);
    return { ...quote, warnings: [...quote.warnings, ...notTransmitted(ask)] };
  },
);

function quoteOf(receipt: Receipt, program: Program, price: Price, buyer: Buyer): QuoteData {
  const { bill: calculated, maxRedeemPoints, ...customer } = price;
  const bill = billOf(receipt, program, price);
  const rate = rateOf(program, price);
  if (!bill || rate === undefined || maxRedeemPoints === undefined)
    throw new Unreadable('/purchase', 'contains no price');
  const tierKind = program.policy === 'discount' ? 'discount' : 'cashback';
  const max = leastPoints(maxRedeemPoints, redeemableOf(receipt, bill));
  const points = floorPoints(receipt.redeemPoints ?? '0');
  if (comparePoints(points, max) > 0) throw tooMany(points, max, customer.balancePoints);
  const payable = less(bill, points);
  return {
    maxRedeemPoints: max,
    earnPoints:
      calculated.earnPoints ?? (tierKind === 'cashback' ? percentAsPoints(earningPart(receipt), rate) : '0'),
    discount: discountOf(receipt.total, payable, points),
    payable,
    payableIfMaxRedeemed: less(bill, max),
    rate,
    tierKind,
    basis: calculated.earnPoints !== undefined && calculated.payable ? 'provider' : 'computed',
    warnings: [
      ...(isZeroPoints(points) || canRedeemBy(buyer.by, program) ? [] : [codeNeeded]),
      // A purchase would be refused for this; a quote only warns.
      ...otherThanExpected(receipt.expectedPayable, payable),
    ],
    // An unregistered phone has no references, so there is no customer to store.
    customer: Object.keys(customer.providerRefs).length > 0 ? customer : undefined,
  };
}

const less = (bill: Money, points: string): Money =>
  money(exact(bill.amount).minus(exact(points)), bill.currency);

const earningPart = ({ total, excludedTotal }: Receipt): Money =>
  excludedTotal ? subtractMoney(total, excludedTotal) : total;

function tooMany(points: string, max: string, balance: string | undefined): Refusal {
  const poor = balance !== undefined && comparePoints(points, balance) > 0;
  return new Refusal(poor ? 'insufficient-points' : 'redeem-limit-exceeded', {
    maxRedeemPoints: max,
    detail: `${points} points cannot be redeemed on this receipt; the maximum is ${max}.`,
  });
}

const codeNeeded: Warning = {
  code: 'redeem-requires-code',
  detail: 'Redeeming points needs the code from the customer’s app; UDS refuses it with this identifier.',
  pointer: '/receipt/redeemPoints',
};
