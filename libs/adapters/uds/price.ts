import { defineExchange, send } from '#adapter-kit';
import type { PlanRun, Reader } from '#adapter-kit';
import {
  exact,
  floorPoints,
  leastPoints,
  money,
  moneyAsPoints,
  percent,
  redeemablePoints,
  Refusal,
  subtractMoney,
} from '#canonical';
import type { CustomerData, Money, Program, Receipt } from '#canonical';
import { amount, partsOf, queryAmount, udsSum } from './amounts.js';
import { bodyOf, queryOf } from './buyer.js';
import type { Buyer } from './buyer.js';
import { contentOf } from './content.js';
import { readMember, userOf } from './customer.js';
import { isNoSuchCall } from './refusals.js';
import { udsRequest } from './request.js';
import type { UdsContext } from './request.js';
import { mayUseUndocumented } from './settings.js';

/** The customer of the priced bill; stored with the operation, so without personal data. */
export interface PriceAsk {
  buyer: Buyer;
  receipt: Pick<Receipt, 'total' | 'excludedTotal' | 'unredeemableTotal'>;
  program: Program;
}

/** A bill priced by UDS, before any points are redeemed, and its customer. */
export interface Price extends CustomerData {
  bill: {
    /** After the discount. */
    payable?: Money;
    /** Accrued when no points are redeemed. */
    earnPoints?: string;
    discountPercent?: string;
  };
}

/** `GET /customers/find?total=…`: the documented way to price a bill. */
export const priceReceipt = defineExchange<PriceAsk, Price>({
  name: 'priceReceipt',
  call: 'GET /customers/find',
  retryClass: 'read',
  request: ({ buyer, receipt }, context: UdsContext) => {
    const { skipLoyaltyTotal, unredeemableTotal } = partsOf(receipt);
    const query = {
      ...queryOf(buyer),
      total: queryAmount(receipt.total.amount),
      skipLoyaltyTotal: skipLoyaltyTotal && queryAmount(skipLoyaltyTotal),
      unredeemableTotal:
        unredeemableTotal && mayUseUndocumented(context.settings)
          ? queryAmount(unredeemableTotal)
          : undefined,
    };
    return udsRequest({ method: 'GET', path: '/customers/find', query }, context);
  },
  read: ({ body }, ask) => readPrice(body, ask),
});

/** `POST /operations/calc`: the same for an unregistered phone, which find does not know. */
export const calculate = defineExchange<PriceAsk, Price>({
  name: 'calculate',
  call: 'POST /operations/calc',
  retryClass: 'read',
  request: ({ buyer, receipt }, context) => {
    const parts = Object.entries(partsOf(receipt)).map(([name, value]) => [name, amount(value, '/receipt')]);
    const total = amount(receipt.total.amount, '/receipt/total');
    // Without `points` UDS redeems as many as allowed, and none of its figures would be those before redeeming.
    const json = { ...bodyOf(buyer), receipt: { total, ...Object.fromEntries(parts), points: 0 } };
    return udsRequest({ method: 'POST', path: '/operations/calc', json }, context);
  },
  read: ({ body }, ask) => readPrice(body, ask),
});

// The bill of an unregistered phone may come without a `user`: what that has then is not documented.
const stranger: CustomerData = { providerRefs: {}, member: false };

function readPrice(body: unknown, { buyer, receipt, program }: PriceAsk): Price {
  const purchase = contentOf(body).at('purchase');
  const percents = purchase.at('discountPercent').decimal();
  const max = purchase.at('maxPoints').decimal();
  const cashBack = purchase.at('cashBack').decimal();
  const unredeemed = exact(purchase.at('points').decimal() ?? '0').isZero();
  const user = userOf(body);
  const isStranger = buyer.by === 'phone' && !user.present && purchase.record() !== undefined;
  return {
    ...(isStranger ? stranger : readMember(user, program)),
    maxRedeemPoints: max === undefined ? undefined : redeemablePoints(max),
    bill: {
      payable: payableOf(purchase, receipt.total),
      earnPoints: cashBack !== undefined && unredeemed ? floorPoints(cashBack) : undefined,
      discountPercent: percents === undefined ? undefined : percent(percents),
    },
  };
}

// It is not documented whether the figures of find already include redeemed points: added back, they give the bill before redeeming.
function payableOf(purchase: Reader, total: Money): Money | undefined {
  const cash = purchase.at('cash').decimal();
  const points = purchase.at('points').decimal();
  const discount = purchase.at('discountAmount').decimal();
  const bill =
    cash !== undefined && points !== undefined
      ? exact(cash).plus(points)
      : discount !== undefined
        ? exact(total.amount).minus(discount)
        : undefined;
  if (bill === undefined || bill.isNegative() || bill.greaterThan(total.amount)) return undefined;
  return udsSum(bill, total.currency);
}

/** Prices a bill; an unregistered phone is priced by calc if that call may be used. */
export function* priced(ask: PriceAsk, context: UdsContext): PlanRun<Price> {
  try {
    return yield* send(priceReceipt, ask);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'customer-not-found') throw error;
    if (ask.buyer.by !== 'phone' || !mayUseUndocumented(context.settings)) throw error;
    return yield* calculated(ask, error);
  }
}

// Without calc, all that is known is what find has answered.
function* calculated(ask: PriceAsk, unregistered: Refusal): PlanRun<Price> {
  try {
    return yield* send(calculate, ask);
  } catch (error) {
    throw isNoSuchCall(error) ? unregistered : error;
  }
}

/** The bill after the discount and before points: from UDS, else by its formula with the customer's rate (the base tier's for an unregistered phone). */
export function billOf(
  { total, excludedTotal }: PriceAsk['receipt'],
  program: Program,
  price?: Price,
): Money | undefined {
  if (program.policy === 'redeem-points') return money(total.amount, total.currency);
  if (price?.bill.payable) return price.bill.payable;
  const rate = rateOf(program, price);
  if (rate === undefined || program.policy !== 'discount') return undefined;
  const base = excludedTotal ? subtractMoney(total, excludedTotal) : total;
  // Rounded once, at the end: rounding the discount as well could change the cash by a kopeck.
  return udsSum(exact(total.amount).minus(exact(base.amount).times(rate).dividedBy(100)), total.currency);
}

/** The points that a bill takes: they never pay the unredeemable part (which may be missing in the request to UDS), nor more than the bill. */
export function redeemableOf({ total, unredeemableTotal }: PriceAsk['receipt'], bill = total): string {
  const allowed = unredeemableTotal ? subtractMoney(total, unredeemableTotal) : total;
  return leastPoints(moneyAsPoints(bill), moneyAsPoints(allowed));
}

/** The rate of this bill: the customer's, else that of the base tier. */
export function rateOf(program: Program, price?: Price): string | undefined {
  const ofBill = program.policy === 'discount' ? price?.bill.discountPercent : undefined;
  return ofBill ?? price?.tier?.rate ?? program.baseTier?.rate;
}
