import { inconclusive, unread } from '#adapter-kit';
import type { Verdict } from '#adapter-kit';
import type { PurchaseData } from '#canonical';

/** What reconciliation finds out about a purchase. */
export type PurchaseVerdict = Verdict<PurchaseData>;

/** More than one may be ours. */
export const several: PurchaseVerdict = inconclusive(
  'Several operations have this receipt number and total.',
);

/** There is no list: it and the nonce are both missing in the document of 2020, and without a nonce a repeat would be a second sale. */
export const noLedger = inconclusive(
  'UDS has no list of operations here, so it may not know the nonce either: the purchase was not repeated.',
);

/** The same, by the word of a front server. */
export const noLedgerNow: PurchaseVerdict = unread(noLedger.note!);

/** Only the nonces can tell: the repeat of the purchase that was not booked books it, and this entry belongs to the other one. */
export const either: PurchaseVerdict = inconclusive(
  'The operation found may belong to another purchase with this receipt number and total, whose answer was also lost.',
);

/** Another till may give its sale to somebody else the same number and total. */
export const anyBuyer: PurchaseVerdict = inconclusive(
  'An operation has this receipt number and total, but nothing shows that its customer is ours: it may be another sale.',
);

/** Another till may give its sale the same number and total. */
export const otherSale: PurchaseVerdict = inconclusive(
  'An operation has this receipt number and total, but its points or cash differ from the ones sent: it may be another sale.',
);

/** Another sale of that number, or ours by a clock that is behind. */
export const recordedBefore: PurchaseVerdict = inconclusive(
  'A matching operation was found, but it was recorded before ours was sent.',
);

/** The same where its time is missing, or has no zone. */
export const undated: PurchaseVerdict = inconclusive(
  'A matching operation was found, but its time does not show whether it was recorded before ours was sent.',
);

/** Something is booked under our nonce, but not found by the sent figures: the ledger may show it later. */
export const otherFigures =
  'UDS answered the repeated request with an operation that has different amounts, and the ledger does not show the one that was sent.';

/** Nothing was found, but what was not read may hold it. */
export const tooLong: PurchaseVerdict = inconclusive('Not all operations since then could be read.');
