import {
  floorPoints,
  isNegativeMoney,
  isZeroPoints,
  money,
  negatePoints,
  percent,
  pointsAsMoney,
  subtractMoney,
  zeroMoney,
} from '#canonical';
import type { Money, Points, PurchaseData, Warning } from '#canonical';
import { defineExchange } from '#adapter-kit';
import type { Reader } from '#adapter-kit';
import { carried } from './carried.js';
import { pointsOf } from './client.js';
import { amount, holdField, kindOf, post } from './wire.js';

/** A receipt to be booked for a client whose id is known. */
export interface RetailAsk {
  clientId: string;
  point: string;
  total: Money;
  /** "0" = the client earns; more = the client spends and earns nothing. */
  redeemPoints: Points;
  holds: string[];
}

/** Books a purchase. It takes no key and answers no id: never repeated. */
export const retail = defineExchange({
  name: 'retail',
  call: 'POST /integration/general/retail',
  retryClass: 'unsafe',
  request: ({ clientId, point, total, redeemPoints, holds }: RetailAsk) =>
    post('retail', {
      client: clientId,
      point,
      amount: amount(total.amount),
      spend: amount(redeemPoints),
      ...holdField(holds),
    }),
  read: (answer, ask): PurchaseData => purchaseOf(carried(answer, 'retail'), ask),
});

function purchaseOf(said: Reader, ask: RetailAsk): PurchaseData {
  const { currency } = ask.total;
  const booked = money(said.at('amount').decimal() ?? ask.total.amount, currency);
  const payable = money(said.at('total').needDecimal(), currency);
  const redeemedPoints = redeemed(said.at('spend'), ask.redeemPoints);
  const rate = said.at('percent').decimal();
  const warnings = differences(ask, booked, redeemedPoints);
  return {
    payable,
    redeemedPoints,
    earnedPoints: earned(said, redeemedPoints),
    discount: notBelowZero(
      subtractMoney(subtractMoney(booked, payable), pointsAsMoney(redeemedPoints, currency)),
    ),
    ...(rate !== undefined && { rate: percent(rate) }),
    customer: { refs: { clientId: ask.clientId } },
    ...(warnings.length > 0 && { warnings }),
  };
}

// Where points were asked to be redeemed, only LoyalClient knows how many were; as many as were sent with a minus are
// those that left the balance.
function redeemed(spend: Reader, asked: Points): Points {
  if (isZeroPoints(asked)) return pointsOf(spend) ?? '0';
  const told = floorPoints(spend.needDecimal());
  return told === negatePoints(asked) ? negatePoints(told) : told;
}

// Either points are redeemed or points are earned, never both; a discount level earns none.
function earned(said: Reader, redeemedPoints: Points): Points {
  const none = !isZeroPoints(redeemedPoints) || kindOf(said.at('type')) === 'discount';
  return none ? (pointsOf(said.at('earn')) ?? '0') : floorPoints(said.at('earn').needDecimal());
}

const notBelowZero = (sum: Money): Money => (isNegativeMoney(sum) ? zeroMoney(sum.currency) : sum);

// Whether LoyalClient rounds fractions is not documented: what it booked counts, and the till is told.
function differences({ total, redeemPoints }: RetailAsk, booked: Money, redeemedPoints: Points): Warning[] {
  const sum = booked.amount === money(total.amount, total.currency).amount;
  const points = redeemedPoints === floorPoints(redeemPoints);
  return [
    ...(sum ? [] : [differs('/receipt/total', total.amount, booked.amount)]),
    ...(points ? [] : [differs('/receipt/redeemPoints', redeemPoints, redeemedPoints)]),
  ];
}

const differs = (pointer: string, asked: string, booked: string): Warning => ({
  code: 'booked-differently',
  detail: `LoyalClient booked ${booked} where ${asked} was sent.`,
  pointer,
});
