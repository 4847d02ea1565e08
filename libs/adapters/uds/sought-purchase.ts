import { bareText } from '#adapter-kit';
import { exact } from '#canonical';
import type { ProviderRefs, PurchaseAsk } from '#canonical';
import type { LedgerEntry } from './operation.js';
import { numberOf } from './order.js';
import type { Price } from './price.js';

/** A purchase that may be in the ledger. */
export interface Sought {
  ask: PurchaseAsk;
  /** The customer, as far as known when the purchase was sent. */
  refs: ProviderRefs;
}

/** The purchase, with all that was known of its customer; `price` = as read before it was sent. */
export function soughtBy(ask: PurchaseAsk, price: Price | undefined): Sought {
  const { identifier, refs } = ask.subject;
  const uid: ProviderRefs = identifier?.type === 'uid' ? { uid: identifier.value } : {};
  // What UDS wrote itself is written as in its ledger.
  return { ask, refs: { ...uid, ...refs, ...price?.providerRefs } };
}

/** Whether an entry has the number, the total and, if known, the customer of the purchase. One that is CANCELED fits: it was booked, and refunded later. */
export const fits = (entry: LedgerEntry, sought: Sought): boolean =>
  entry.receiptNumber === numberOf(sought.ask) &&
  resembles(entry, sought) &&
  isBuyer(entry, sought) !== false;

/** Whether an entry is a sale with the total of the purchase. */
export const resembles = ({ state, total }: LedgerEntry, { ask }: Sought): boolean =>
  state !== 'reversal' && total !== undefined && exact(total).equals(ask.receipt.total.amount);

/** Whether it is the customer of the purchase; `undefined` if either customer is unknown. */
export function isBuyer({ customer }: LedgerEntry, { refs }: Sought): boolean | undefined {
  // A uid is the person, in capitals or not; whoever left the company and came back has another id there.
  if (refs.uid && customer.uid) return bareText(refs.uid) === bareText(customer.uid);
  if (!refs.participantId || !customer.participantId) return undefined;
  return refs.participantId === customer.participantId;
}
