import {
  defineExchange,
  ifRefused,
  send,
  sendAnew,
  steps,
  Unanswered,
  unlessFailed,
  unlessRefused,
  Unreadable,
} from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import { compareMoney, isZeroPoints, Refusal } from '#canonical';
import type { Program, PurchaseAsk, PurchaseData } from '#canonical';
import { amount } from './amounts.js';
import { bodyOf, buyerOf, canRedeemBy, isAppCode } from './buyer.js';
import type { Buyer } from './buyer.js';
import { contentOf } from './content.js';
import { notTransmitted } from './not-transmitted.js';
import { purchaseOf, readEntry } from './operation.js';
import type { LedgerEntry } from './operation.js';
import { orderOf, pointsOf, priceAskOf, refuseRedeemWithoutCode } from './order.js';
import type { Order, Sale } from './order.js';
import { priced } from './price.js';
import { getSettings, refuseOtherCurrency } from './program.js';
import { refusalToTell } from './purchase-refused.js';
import { udsRequest } from './request.js';
import type { UdsContext } from './request.js';
import { mayUseUndocumented } from './settings.js';
import type { UdsSettings } from './settings.js';

/** `POST /operations`. The nonce makes a repeat harmless; without it, nothing may be repeated before a look-up. */
export const createOperation = defineExchange<Order, PurchaseData>({
  name: 'createOperation',
  call: 'POST /operations',
  retryClass: (settings: UdsSettings) => (mayUseUndocumented(settings) ? 'keyed' : 'reconcilable'),
  doubts429: true,
  request: (order, context: UdsContext) =>
    udsRequest({ method: 'POST', path: '/operations', json: purchaseBody(order, context) }, context),
  read: ({ body }, order, { now }) => {
    const entry = readEntry(contentOf(body));
    const purchase = purchaseOf(entry, order);
    if (!purchase) throw new Unreadable(entry.id === undefined ? '/id' : '/points', 'is missing');
    const isReused = order.tillsNumber && isOlder(entry, now);
    return isReused ? { ...purchase, otherReceipt: purchase.otherReceipt ?? order.number } : purchase;
  },
});

// UDS may answer a number that a till uses again with the operation that bears it since long.
const JUST_NOW_MS = 60_000;
const isOlder = ({ time }: LedgerEntry, now: Date): boolean =>
  Date.parse(time ?? '') < now.getTime() - JUST_NOW_MS;

function purchaseBody(order: Order, { nonce, settings }: UdsContext): Record<string, unknown> {
  const { skipLoyaltyTotal, unredeemableTotal } = order;
  return {
    ...bodyOf(order.buyer),
    nonce: mayUseUndocumented(settings) ? nonce : undefined,
    cashier: order.cashier,
    receipt: {
      total: amount(order.total.amount, '/receipt/total'),
      cash: amount(order.cash.amount, '/receipt/total'),
      points: amount(order.points, '/receipt/redeemPoints'),
      number: order.number,
      ...(skipLoyaltyTotal && { skipLoyaltyTotal: amount(skipLoyaltyTotal, '/receipt/excludedTotal') }),
      ...(unredeemableTotal && {
        unredeemableTotal: amount(unredeemableTotal, '/receipt/unredeemableTotal'),
      }),
    },
  };
}

/** A purchase: first the company's settings (cached for five minutes), and the customer's rate only if a discount needs it. */
export const createPurchase = steps<PurchaseAsk, PurchaseData>(
  createOperation,
  function* (ask, context: UdsContext): PlanRun<PurchaseData> {
    const buyer = buyerOf(ask.subject);
    requireOnce(buyer, context);
    refuseRedeemWithoutCode(buyer, pointsOf(ask));
    const program = yield* settingsFor(buyer, pointsOf(ask));
    refuseOtherCurrency(program, ask.receipt.total);
    refuseRedeemWithoutCode(buyer, pointsOf(ask), program);
    const sale = yield* pricedSale({ ask, program }, context);
    const done = yield* ifRefused(booked(sale, context), refusal => refusalToTell(refusal, sale, context));
    return { ...done, warnings: [...(done.warnings ?? []), ...notTransmitted(ask)] };
  },
);

// A sale that was answered 429 may be booked. Without a nonce, only a code that dies with its first sale keeps UDS from booking
// its repeat as well.
function requireOnce(buyer: Buyer, { firstSentAt, settings }: UdsContext): void {
  if (firstSentAt && !mayUseUndocumented(settings) && !isAppCode(buyer))
    throw new Unanswered('UDS answered 429, and its ledger may not be read');
}

// The company may have changed its settings since they were cached: a refusal is based on fresh ones only.
function* settingsFor(buyer: Buyer, points: string): PlanRun<Program> {
  const program = yield* send(getSettings, {});
  const refused = !isZeroPoints(points) && !canRedeemBy(buyer.by, program);
  return refused ? yield* sendAnew(getSettings, {}) : program;
}

// If the policy is points, nobody gets a discount. A customer with a phone unknown to UDS can still buy, with that of the base tier.
function* pricedSale(sale: Sale, context: UdsContext): PlanRun<Sale> {
  if (sale.program.policy === 'redeem-points') return sale;
  const bill = priceAskOf(sale);
  const pricing = priced(bill, context);
  const price = yield* bill.buyer.by === 'phone' ? unlessRefused(pricing, 'customer-not-found') : pricing;
  return { ...sale, price };
}

// The sums may be based on cached settings that the company has changed since. UDS refused them, so nothing is booked: the
// purchase is sent once more with fresh settings, if they lead to another sum.
function* booked(sale: Sale, context: UdsContext): PlanRun<PurchaseData> {
  const order = orderOf(sale);
  try {
    return yield* send(createOperation, order);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'amount-mismatch') throw error;
    const anew = yield* unlessFailed(pricedAnew(sale.ask, context));
    const again = anew && orderOf(anew);
    if (!again || compareMoney(again.cash, order.cash) === 0) throw error;
    return yield* send(createOperation, again);
  }
}

function* pricedAnew(ask: PurchaseAsk, context: UdsContext): PlanRun<Sale> {
  return yield* pricedSale({ ask, program: yield* sendAnew(getSettings, {}) }, context);
}
