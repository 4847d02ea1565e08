import {
  compareMoney,
  comparePoints,
  figuresDiffer,
  floorPoints,
  isNegativeMoney,
  isZeroPoints,
  money,
  negatePoints,
  percent,
  pointsAsMoney,
  roundMoney,
  subtractMoney,
  zeroMoney,
} from '#canonical';
import type { Money, Points, PurchaseData, Warning } from '#canonical';
import { Unreadable, defineExchange, wireNumber } from '#adapter-kit';
import type { Reader } from '#adapter-kit';
import { carried } from './carried.js';
import { pointsOf } from './client.js';
import { bonusesOf, earnedAt, restAfter } from './recalc.js';
import { holdField, kindOf, post } from './wire.js';

/** A receipt to book for a client whose id is known. */
export interface RetailAsk {
  clientId: string;
  point: string;
  total: Money;
  /** "0" = the client earns; more = the client spends and earns nothing. */
  redeemPoints: Points;
  holds: string[];
}

/** Books a purchase. The call takes no key and returns no id: it is sent again only after a 429, once the balance is seen to be what it was. */
export const retail = defineExchange({
  name: 'retail',
  call: 'POST /integration/general/retail',
  retryClass: 'unsafe',
  doubts429: true,
  request: ({ clientId, point, total, redeemPoints, holds }: RetailAsk) =>
    post('retail', {
      client: clientId,
      point,
      amount: wireNumber(total.amount),
      spend: wireNumber(redeemPoints),
      ...holdField(holds),
    }),
  read: (answer, ask): PurchaseData => purchaseOf(carried(answer, 'retail'), ask),
});

function purchaseOf(fields: Reader, ask: RetailAsk): PurchaseData {
  const { currency } = ask.total;
  const booked = money(fields.at('amount').decimal() ?? ask.total.amount, currency);
  const payable = payableOf(fields.at('total'), currency);
  const redeemedPoints = redeemed(fields.at('spend'), ask.redeemPoints);
  const rate = fields.at('percent').decimal();
  const earnedPoints = earned(fields, redeemedPoints);
  const warnings = [
    ...differences(ask, booked, redeemedPoints),
    ...excess(booked, payable, redeemedPoints),
    ...shortfall(fields, restAfter(booked, redeemedPoints), payable),
    ...debt(earnedPoints),
  ];
  return {
    payable,
    redeemedPoints,
    earnedPoints,
    discount: notBelowZero(
      subtractMoney(subtractMoney(booked, payable), pointsAsMoney(redeemedPoints, currency)),
    ),
    ...(rate !== undefined && { rate: percent(rate) }),
    customer: { refs: { clientId: ask.clientId } },
    ...(warnings.length > 0 && { warnings }),
  };
}

function payableOf(total: Reader, currency: string): Money {
  const payable = money(total.needDecimal(), currency);
  if (isNegativeMoney(payable)) throw new Unreadable(total.pointer, 'is negative');
  return payable;
}

// If points were to be redeemed, the answer must say how many were; the sent number with a minus means the same.
function redeemed(spend: Reader, requested: Points): Points {
  if (isZeroPoints(requested)) return pointsOf(spend) ?? '0';
  const points = floorPoints(spend.needDecimal());
  return points === negatePoints(requested) ? negatePoints(points) : points;
}

// Points are either redeemed or earned, never both. The redeemed ones with a minus are those of `spend`.
function earned(fields: Reader, redeemedPoints: Points): Points {
  const points = isZeroPoints(redeemedPoints) ? earnedAt(fields) : bonusesOf(fields.at('earn'), true);
  return points === negatePoints(redeemedPoints) ? '0' : points;
}

const notBelowZero = (sum: Money): Money => (isNegativeMoney(sum) ? zeroMoney(sum.currency) : sum);

// Whether LoyalClient rounds fractions is not documented: the booked sums count, with a warning.
function differences({ total, redeemPoints }: RetailAsk, booked: Money, redeemedPoints: Points): Warning[] {
  const sum = booked.amount === roundMoney(total).amount;
  const points = redeemedPoints === floorPoints(redeemPoints);
  return [
    ...(sum ? [] : [differs('/receipt/total', roundMoney(total).amount, booked.amount)]),
    ...(points ? [] : [differs('/receipt/redeemPoints', redeemPoints, redeemedPoints)]),
  ];
}

// More than the receipt is never to be paid (the sum may be in kopecks), nor what the points have paid.
function excess(booked: Money, payable: Money, points: Points): Warning[] {
  if (compareMoney(payable, booked) > 0) return [differs('/receipt/total', booked.amount, payable.amount)];
  const rest = restAfter(booked, points);
  if (compareMoney(payable, rest) <= 0) return [];
  const detail = `LoyalClient redeemed ${points} points, but reports ${payable.amount} to be paid instead of ${rest.amount}.`;
  return [figuresDiffer(detail, '/receipt/redeemPoints')];
}

// Cashback takes nothing off but the points: a till that is told of less would let the goods go for it.
function shortfall(fields: Reader, rest: Money, payable: Money): Warning[] {
  if (kindOf(fields.at('type')) !== 'cashback' || compareMoney(payable, rest) >= 0) return [];
  const detail = `LoyalClient reports ${payable.amount} to be paid, but its points leave ${rest.amount}.`;
  return [figuresDiffer(detail, '/receipt/total')];
}

// The sale stands, whatever a negative number means.
const debt = (points: Points): Warning[] =>
  comparePoints(points, '0') < 0
    ? [figuresDiffer(`LoyalClient reports ${points} points earned, less than none.`)]
    : [];

const differs = (pointer: string, sent: string, booked: string): Warning =>
  figuresDiffer(`LoyalClient booked ${booked}, but ${sent} was sent.`, pointer);
