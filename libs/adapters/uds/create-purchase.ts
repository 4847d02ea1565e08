import { defineExchange, send, sendAnew, sendAside, steps, Unanswered, Unreadable } from '#adapter-kit';
import type { PlanRun, Sender } from '#adapter-kit';
import { compareMoney, isZeroPoints, leastPoints, Refusal } from '#canonical';
import type { Program, PurchaseAsk, PurchaseData } from '#canonical';
import { amount } from './amounts.js';
import { bodyOf, buyerOf, canRedeemBy, isAppCode } from './buyer.js';
import type { Buyer } from './buyer.js';
import { contentOf } from './content.js';
import { notTransmitted } from './not-transmitted.js';
import { purchaseOf, readEntry } from './operation.js';
import type { LedgerEntry } from './operation.js';
import { orderOf, pointsOf, refuseRedeemWithoutCode } from './order.js';
import type { Order } from './order.js';
import { billOf, priced, priceReceipt, redeemableOf } from './price.js';
import type { Price, PriceAsk } from './price.js';
import { getSettings, refuseOtherCurrency } from './program.js';
import { requireUnbooked } from './purchase-refused.js';
import { mayBeBooked } from './refusals.js';
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
  time !== undefined && Date.parse(time) < now.getTime() - JUST_NOW_MS;

function purchaseBody(order: Order, { nonce, settings }: UdsContext): Record<string, unknown> {
  const { skipLoyaltyTotal, unredeemableTotal } = order;
  return {
    ...bodyOf(order.buyer),
    ...(nonce && mayUseUndocumented(settings) ? { nonce } : {}),
    ...(order.cashier ? { cashier: order.cashier } : {}),
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
    const bill: PriceAsk = { buyer, receipt: ask.receipt, program };
    const price = program.policy === 'redeem-points' ? undefined : yield* discounted(bill, context);
    try {
      const done = yield* booked(orderOf(ask, program, price), ask, context);
      return { ...done, warnings: [...(done.warnings ?? []), ...notTransmitted(ask)] };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw yield* refusalToTell(error, { ask, bill, price }, context);
    }
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

// The sums may be based on cached settings that the company has changed since. UDS refused them, so nothing is booked: the
// purchase is sent once more with fresh settings, if they lead to another sum.
function* booked(order: Order, ask: PurchaseAsk, context: UdsContext): PlanRun<PurchaseData> {
  try {
    return yield* send(createOperation, order);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'amount-mismatch') throw error;
    const again = yield* orderNow(ask, context);
    if (!again || compareMoney(again.cash, order.cash) === 0) throw error;
    return yield* send(createOperation, again);
  }
}

function* orderNow(ask: PurchaseAsk, context: UdsContext): PlanRun<Order | undefined> {
  let read: [Program, Price | undefined];
  try {
    const program = yield* sendAnew(getSettings, {});
    const bill = { buyer: buyerOf(ask.subject), receipt: ask.receipt, program };
    read = [program, program.policy === 'discount' ? yield* discounted(bill, context) : undefined];
  } catch {
    return undefined;
  }
  return orderOf(ask, ...read);
}

// A customer with a phone unknown to UDS can still buy, with the discount of the base tier.
function* discounted(bill: PriceAsk, context: UdsContext): PlanRun<Price | undefined> {
  try {
    return yield* priced(bill, context);
  } catch (error) {
    if (bill.buyer.by === 'phone' && error instanceof Refusal && error.code === 'customer-not-found')
      return undefined;
    throw error;
  }
}

interface Tried {
  ask: PurchaseAsk;
  bill: PriceAsk;
  price: Price | undefined;
}

// The refusal as the till needs it. Throws `Unanswered` where the purchase may be booked all the same.
function* refusalToTell(
  refusal: Refusal,
  { ask, bill, price }: Tried,
  context: UdsContext,
): PlanRun<Refusal> {
  const { code, members } = refusal;
  const { provider } = members;
  if (mayBeBooked(provider, { nonceSent: mayUseUndocumented(context.settings) }))
    throw new Unanswered(`UDS answers ${provider?.code}: the receipt may be booked already`);
  if (code === 'redeem-requires-code' || code === 'purchase-by-phone-disabled') yield* refreshSettings();
  const isAboutPoints = code === 'redeem-limit-exceeded' || code === 'insufficient-points';
  // Our own refusal is told at once, also where nothing can be sent.
  const via = provider === undefined ? sendAside : send;
  const priceNow = isAboutPoints && !price ? yield* priceAfter(bill, via) : undefined;
  // A code that UDS still knows has bought nothing: this read shows it as well, and no second one is needed.
  const isUnused = priceNow && isAppCode(bill.buyer);
  if (!isUnused) yield* requireUnbooked(refusal, { ask, program: bill.program, price }, context);
  const known = price ?? priceNow;
  const maxRedeemPoints = isAboutPoints && known ? mostOf(bill, known) : undefined;
  return maxRedeemPoints === undefined ? refusal : new Refusal(code, { ...members, maxRedeemPoints });
}

// UDS refused what the cached settings allowed: the next quote or purchase must see fresh ones.
function* refreshSettings(): PlanRun<void> {
  try {
    yield* sendAnew(getSettings, {});
  } catch {
    // The cached settings are dropped anyway, and the refusal remains valid.
  }
}

// The till needs the maximum, which the refusal does not contain; if it cannot be read, the refusal remains valid.
function* priceAfter(bill: PriceAsk, via: Sender): PlanRun<Price | undefined> {
  try {
    return yield* via(priceReceipt, bill);
  } catch {
    return undefined;
  }
}

const mostOf = ({ receipt, program }: PriceAsk, price: Price): string | undefined =>
  price.maxRedeemPoints &&
  leastPoints(price.maxRedeemPoints, redeemableOf(receipt, billOf(receipt, program, price)));
