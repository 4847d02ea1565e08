import {
  compareMoney,
  comparePoints,
  exact,
  figuresDiffer,
  isNegativeMoney,
  isZeroPoints,
  leastPoints,
  money,
  moneyAsPoints,
  otherThanExpected,
  percent,
  percentOf,
  redeemablePoints,
  refusalAt,
  roundMoney,
  subtractMoney,
  zeroMoney,
} from '#canonical';
import type { Money, Points, QuoteData, Receipt, Warning } from '#canonical';
import { defineExchange, wireNumber } from '#adapter-kit';
import type { Reader } from '#adapter-kit';
import { carried } from './carried.js';
import { pointsOf } from './client.js';
import type { ClientBalance } from './client.js';
import { noPointsToRedeem } from './preconditions.js';
import { holdField, kindOf, post } from './wire.js';

/** A receipt to be priced for a client whose id is known. */
export interface RecalcAsk {
  clientId: string;
  point: string;
  receipt: Pick<Receipt, 'total' | 'redeemPoints' | 'expectedPayable'>;
  holds: string[];
}

const call = 'POST /integration/general/recalc';

/** A priced receipt. */
export const recalc = defineExchange({
  name: 'recalc',
  call,
  retryClass: 'read',
  request: ({ clientId, point, receipt, holds }: RecalcAsk) =>
    post('recalc', {
      client: clientId,
      point,
      amount: wireNumber(receipt.total.amount),
      ...holdField(holds),
    }),
  read: (answer, { receipt }): QuoteData => quoteOf(carried(answer, 'recalc'), receipt),
});

function quoteOf(
  fields: Reader,
  { total, redeemPoints = '0', expectedPayable }: RecalcAsk['receipt'],
): QuoteData {
  const tierKind = fields.at('type').need(() => kindOf(fields.at('type')), '"cashback" or "discount"');
  const rate = percent(fields.at('percent').needDecimal());
  const reckoned = money(fields.at('amount').decimal() ?? total.amount, total.currency);
  const told = {
    spend: redeemablePoints(bonusesOf(fields.at('spend'), tierKind === 'discount')),
    earn: earnedAt(fields),
  };
  const maxRedeemPoints = leastPoints(told.spend, moneyAsPoints(reckoned));
  if (!isZeroPoints(redeemPoints) && tierKind === 'discount') throw noPointsToRedeem();
  if (comparePoints(redeemPoints, maxRedeemPoints) > 0)
    // The sentence of the whole answer is the table's.
    throw refusalAt('/receipt/redeemPoints', `At most ${maxRedeemPoints}.`, 'redeem-limit-exceeded', {
      detail: undefined,
      maxRedeemPoints,
    });
  // For a discount level LoyalClient returns the percent, never the sum: we compute it, hence the other basis.
  const discount = tierKind === 'discount' ? percentOf(reckoned, rate) : zeroMoney(total.currency);
  const payable = payableAfter(reckoned, discount, redeemPoints);
  return {
    maxRedeemPoints,
    earnPoints: redeemablePoints(told.earn),
    discount,
    payable,
    payableIfMaxRedeemed: payableAfter(reckoned, discount, maxRedeemPoints),
    rate,
    tierKind,
    basis: tierKind === 'discount' ? 'computed' : 'provider',
    warnings: [
      ...rounding(total, reckoned),
      ...impossible(told, reckoned),
      ...otherThanExpected(expectedPayable, payable),
    ],
  };
}

/** The points that a sale earns. A discount level has no bonuses (documented: the balance is always 0), and a rate of 0 % earns none: there a missing number means none. */
export function earnedAt(fields: Reader): Points {
  const rate = fields.at('percent').decimal();
  const none = kindOf(fields.at('type')) === 'discount' || (rate !== undefined && isZeroPoints(rate));
  return bonusesOf(fields.at('earn'), none);
}

/** The bonuses in a field, which may only be missing where there are none. */
export const bonusesOf = (field: Reader, none: boolean): Points =>
  none ? (pointsOf(field) ?? '0') : field.need(pointsOf, 'a number');

// Whether fractions are rounded is not documented: the sum in the answer is the one that LoyalClient will book.
function rounding(total: Money, reckoned: Money): Warning[] {
  if (compareMoney(total, reckoned) === 0) return [];
  const detail = `LoyalClient calculated with ${reckoned.amount}, but ${roundMoney(total).amount} was sent.`;
  return [figuresDiffer(detail, '/receipt/total')];
}

// No points pay for more than the receipt, and none are earned below zero: a till would offer the one, or promise the other.
function impossible({ spend, earn }: { spend: Points; earn: Points }, { amount }: Money): Warning[] {
  const excess = `LoyalClient reports ${spend} points to redeem on a receipt of ${amount}.`;
  const debt = `LoyalClient reports ${earn} points to be earned, less than none.`;
  return [
    ...(comparePoints(spend, amount) > 0 ? [figuresDiffer(excess, '/receipt/redeemPoints')] : []),
    ...(comparePoints(earn, '0') < 0 ? [figuresDiffer(debt)] : []),
  ];
}

/** What the points leave of a sum; rounded once, at the end: half a point and half a yen would both be rounded up. */
export const restAfter = ({ amount: sum, currency }: Money, points: Points): Money =>
  money(exact(sum).minus(points), currency);

/** The rest to pay in money, never negative. */
export function payableAfter(total: Money, discount: Money, points: Points): Money {
  const left = restAfter(subtractMoney(total, discount), points);
  return isNegativeMoney(left) ? zeroMoney(total.currency) : left;
}

// `spend` is the lesser of the balance and the redeemable share of the receipt. No call returns a balance by id, so the receipt
// is so large that only the balance limits it: 10 million, which fits 32 bits even in kopecks.
const sumThatNeverLimits = '10000000';

/** The balance of a client with a known id: the same call, with an artificial receipt. */
export const recalcBalance = defineExchange({
  name: 'recalc-balance',
  call,
  retryClass: 'read',
  request: ({ clientId, point, holds }: Omit<RecalcAsk, 'receipt'>) =>
    post('recalc', { client: clientId, point, amount: wireNumber(sumThatNeverLimits), ...holdField(holds) }),
  read(answer, { clientId }): ClientBalance {
    const fields = carried(answer, 'recalc');
    return {
      clientId,
      providerRefs: { clientId },
      kind: kindOf(fields.at('type')),
      balance: pointsOf(fields.at('spend')),
    };
  },
});

/** The same after a purchase that was refused, or a request that was answered 429: under a name of its own, since an operation's steps are kept by their names. */
export const recalcBalanceAfter = defineExchange({ ...recalcBalance, name: 'recalc-balance-after' });
