import type { Decimal } from 'decimal.js';
import type { Reader } from '#adapter-kit';
import {
  compareMoney,
  exact,
  figuresDiffer,
  floorPoints,
  isZeroPoints,
  money,
  percentAsPoints,
} from '#canonical';
import type { Money, ProviderRefs, PurchaseData, Warning } from '#canonical';
import { discountOf } from './amounts.js';
import { fieldOf } from './content.js';
import { refsOf } from './customer.js';

/** The amounts of an operation in the UDS ledger; without the customer's tier, because UDS always shows the base tier there. */
export interface LedgerEntry {
  id?: string;
  state: 'normal' | 'canceled' | 'reversal' | 'other';
  /** By the clock of UDS; read as UTC if it has no zone. */
  time?: string;
  /** The time has no zone, so it may be any local time. */
  zoneless?: boolean;
  customer: ProviderRefs;
  /** Negative = redeemed, positive = accrued. */
  points?: string;
  total?: string;
  cash?: string;
  receiptNumber?: string;
  cashierName?: string;
  /** Of a reversal: the reversed operation. */
  originId?: string;
}

const ZONELESS = /[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?$/;

/** Reads an operation; no field is required here, the callers check what they use. */
export function readEntry(operation: Reader): LedgerEntry {
  const field = (name: string) => fieldOf(operation, name);
  const [customer, created] = [field('customer'), field('dateCreated')];
  return {
    id: field('id').text(),
    state: stateOf(operation),
    time: created.time(),
    ...(ZONELESS.test(created.text() ?? '') && { zoneless: true }),
    customer: refsOf(fieldOf(customer, 'uid'), fieldOf(customer, 'id')),
    points: field('points').decimal(),
    total: field('total').decimal(),
    cash: field('cash').decimal(),
    receiptNumber: field('receiptNumber').text(),
    cashierName: fieldOf(field('cashier'), 'displayName').text(),
    originId: fieldOf(field('origin'), 'id').text(),
  };
}

// Only a reversal has a negative total, whatever its state is called.
function stateOf(operation: Reader): LedgerEntry['state'] {
  if (exact(fieldOf(operation, 'total').decimal() ?? '0').isNegative()) return 'reversal';
  const state = fieldOf(operation, 'state').text()?.toLowerCase();
  return state === 'normal' || state === 'canceled' || state === 'reversal' ? state : 'other';
}

/** The sent values of a purchase: an answer contains fewer, and may contradict them. */
export interface SentPurchase {
  total: Money;
  points: string;
  /** Absent if no longer known. */
  cash?: Money;
  number: string;
  rate?: string;
  /** The part of the total that earns nothing. */
  skipLoyaltyTotal?: string;
  /** The percentages at which the programme's tiers earn points; none = no tier earns any, absent = not known. */
  earnRates?: string[];
}

/** A booked purchase in canonical terms; `undefined` if the entry does not say what was earned or paid. */
export function purchaseOf(entry: LedgerEntry, sent: SentPurchase): PurchaseData | undefined {
  const { currency } = sent.total;
  const cash = entry.cash ?? sent.cash?.amount;
  if (entry.id === undefined || entry.points === undefined || cash === undefined) return undefined;
  const payable = money(cash, currency);
  const redeemed = redeemedOf(entry, sent);
  const beside = netOf(entry.points, payable, sent).plus(redeemed);
  const known = Object.keys(entry.customer).length > 0;
  return {
    payable,
    redeemedPoints: redeemed,
    earnedPoints: earnedOf(beside, redeemed, mayEarnSome(payable, sent)),
    discount: discountOf(sent.total, payable, redeemed),
    rate: sent.rate,
    providerOperationId: entry.id,
    providerTime: entry.time,
    customer: known ? { refs: entry.customer } : undefined,
    warnings: contradictions(entry, sent),
    cashierName: entry.cashierName,
    ...(namesOtherReceipt(entry, sent) && { otherReceipt: entry.receiptNumber }),
  };
}

const namesOtherReceipt = ({ receiptNumber }: LedgerEntry, { number }: SentPurchase): boolean =>
  receiptNumber !== undefined && receiptNumber !== number;

// The schema is ambiguous about the sign: exactly the sent points, but positive, are the redeemed ones; except where a tier
// earns exactly twice as many, and they are what is left of those.
function netOf(points: string, paid: Money, sent: SentPurchase): Decimal {
  const net = exact(points);
  return net.equals(sent.points) && !mayEarn(net.times(2), paid, sent) ? net.negated() : net;
}

// UDS may send the redeemed points alone: where nothing else is in its number, it does not tell what a sale earned that may earn.
function earnedOf(beside: Decimal, redeemed: string, mayEarn: boolean): string | undefined {
  if (beside.gt(0)) return floorPoints(beside.toFixed());
  return mayEarn && !isZeroPoints(redeemed) ? undefined : '0';
}

function mayEarnSome(paid: Money, { total, skipLoyaltyTotal = '0', earnRates }: SentPurchase): boolean {
  if (!earnRates) return true;
  const rest = money(exact(total.amount).minus(skipLoyaltyTotal), total.currency);
  const most = compareMoney(rest, paid) < 0 ? rest : paid;
  return earnRates.some(rate => !isZeroPoints(percentAsPoints(most, rate)));
}

// How the excluded part reduces what is paid for the rest is not documented: between nothing and its whole.
function mayEarn(
  points: Decimal,
  paid: Money,
  { skipLoyaltyTotal = '0', earnRates = [] }: SentPurchase,
): boolean {
  const least = money(exact(paid.amount).minus(skipLoyaltyTotal), paid.currency);
  return earnRates.some(
    rate => points.gte(percentAsPoints(least, rate)) && points.lte(percentAsPoints(paid, rate)),
  );
}

// UDS: total = cash + points + discount. If more cash was taken than sent, UDS redeemed fewer points, as long as the number
// for the points allows that.
function redeemedOf({ total, cash, points }: LedgerEntry, sent: SentPurchase): string {
  if (cash === undefined || points === undefined || exact(points).equals(sent.points)) return sent.points;
  const discount = sent.cash ? exact(sent.total.amount).minus(sent.cash.amount).minus(sent.points) : 0;
  const left = exact(total ?? sent.total.amount)
    .minus(cash)
    .minus(discount);
  const fewer = left.gte(0) && left.lt(sent.points) && left.plus(points).gte(0);
  return fewer ? floorPoints(left.toFixed()) : sent.points;
}

/** Warnings where the entry contradicts the sent values; it remains a success, but a person should check it. */
export function contradictions(entry: LedgerEntry, sent: SentPurchase): Warning[] {
  const differs = (theirs: string | undefined, ours: string | undefined) =>
    theirs !== undefined && ours !== undefined && !exact(theirs).equals(ours);
  const found: [boolean, string, string | undefined, string][] = [
    [differs(entry.total, sent.total.amount), 'total', entry.total, '/receipt/total'],
    [differs(entry.cash, sent.cash?.amount), 'cash', entry.cash, '/receipt/expectedPayable'],
    [namesOtherReceipt(entry, sent), 'receiptNumber', undefined, '/receipt/number'],
    [
      redeemedOf(entry, sent) !== sent.points ||
        exact(entry.points ?? '0')
          .plus(sent.points)
          .isNegative(),
      'points',
      entry.points,
      '/receipt/redeemPoints',
    ],
  ];
  return found
    .filter(([wrong]) => wrong)
    .map(([, name, theirs, pointer]) =>
      figuresDiffer(
        `The value of \`${name}\` booked by UDS differs from the one sent${theirs ? `: ${theirs}` : ''}.`,
        pointer,
      ),
    );
}
