import type { Reader } from '#adapter-kit';
import { exact, floorPoints, money } from '#canonical';
import type { Money, ProviderRefs, PurchaseData, Warning } from '#canonical';
import { fieldOf } from './content.js';
import { refsOf } from './customer.js';

/** An operation of the UDS ledger as far as money goes; the customer's tier is left out on purpose: UDS puts the base tier there, whoever it is. */
export interface LedgerEntry {
  id?: string;
  state: 'normal' | 'canceled' | 'reversal' | 'other';
  /** In the clock of UDS; in UTC, also where it named no zone. */
  time?: string;
  /** The time names no zone: it may be that of any clock on a wall. */
  zoneless?: boolean;
  customer: ProviderRefs;
  /** Negative = redeemed, positive = accrued. */
  points?: string;
  total?: string;
  cash?: string;
  receiptNumber?: string;
  /** Of a reversal: what it reverses. */
  originId?: string;
}

const ZONELESS = /[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?$/;

/** Reads an operation; nothing is needed here, the callers need what they use. */
export function readEntry(operation: Reader): LedgerEntry {
  const field = (name: string) => fieldOf(operation, name);
  const [customer, created, origin] = [field('customer'), field('dateCreated'), field('origin')];
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
    originId: fieldOf(origin, 'id').text(),
  };
}

// Only a reversal has a total below zero, whatever word UDS comes to have for it.
function stateOf(operation: Reader): LedgerEntry['state'] {
  if (exact(fieldOf(operation, 'total').decimal() ?? '0').isNegative()) return 'reversal';
  const state = fieldOf(operation, 'state').text()?.toLowerCase();
  return state === 'normal' || state === 'canceled' || state === 'reversal' ? state : 'other';
}

/** What we sent of a purchase: an answer tells less, and may contradict. */
export interface SentPurchase {
  total: Money;
  points: string;
  /** Absent where it is not known any more. */
  cash?: Money;
  number: string;
  rate?: string;
}

/** A booked purchase in canonical words; `undefined` when the entry does not tell what was earned or paid. */
export function purchaseOf(entry: LedgerEntry, sent: SentPurchase): PurchaseData | undefined {
  const { currency } = sent.total;
  const payable = entry.cash === undefined ? sent.cash : money(entry.cash, currency);
  if (entry.id === undefined || entry.points === undefined || !payable) return undefined;
  const redeemed = redeemedOf(entry, sent);
  const earned = netOf(entry.points, sent.points).plus(redeemed);
  const discount = exact(sent.total.amount).minus(payable.amount).minus(redeemed);
  const known = Object.keys(entry.customer).length > 0;
  return {
    payable,
    redeemedPoints: redeemed,
    earnedPoints: earned.isNegative() ? '0' : floorPoints(earned.toFixed()),
    discount: money(discount.isNegative() ? 0 : discount, currency),
    rate: sent.rate,
    providerOperationId: entry.id,
    providerTime: entry.time,
    customer: known ? { refs: entry.customer } : undefined,
    warnings: contradictions(entry, sent),
  };
}

// The schema's own sentence has the sign both ways: exactly what was sent, but positive, is the write-off.
const netOf = (points: string, redeemed: string) =>
  exact(points).equals(redeemed) ? exact(points).negated() : exact(points);

// UDS: total = cash + points + discount. Money in the place of points is points that UDS did not take, as long as its one
// number for the points leaves room for that.
function redeemedOf({ total, cash, points }: LedgerEntry, sent: SentPurchase): string {
  if (cash === undefined || points === undefined || exact(points).equals(sent.points)) return sent.points;
  const discount = sent.cash ? exact(sent.total.amount).minus(sent.cash.amount).minus(sent.points) : 0;
  const left = exact(total ?? sent.total.amount)
    .minus(cash)
    .minus(discount);
  const fewer = left.gte(0) && left.lt(sent.points) && left.plus(points).gte(0);
  return fewer ? floorPoints(left.toFixed()) : sent.points;
}

/** Where the entry contradicts what was sent; a success stays one, but somebody should look. */
export function contradictions(entry: LedgerEntry, sent: SentPurchase): Warning[] {
  const differs = (theirs: string | undefined, ours: string | undefined) =>
    theirs !== undefined && ours !== undefined && !exact(theirs).equals(ours);
  const found: [boolean, string, string | undefined, string][] = [
    [differs(entry.total, sent.total.amount), 'total', entry.total, '/receipt/total'],
    [differs(entry.cash, sent.cash?.amount), 'cash', entry.cash, '/receipt/expectedPayable'],
    [
      entry.receiptNumber !== undefined && entry.receiptNumber !== sent.number,
      'receiptNumber',
      undefined,
      '/receipt/number',
    ],
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
    .map(([, name, theirs, pointer]) => ({
      code: 'provider-figures-differ',
      detail: `UDS booked the purchase with another \`${name}\` than was sent${theirs ? `: ${theirs}` : ''}.`,
      pointer,
    }));
}
