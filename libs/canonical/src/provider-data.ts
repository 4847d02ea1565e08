import type { Customer } from './customer.js';
import type { Identifier } from './identifier.js';
import type { Money } from './money.js';
import type { Points } from './points.js';
import type { Receipt } from './purchase.js';
import type { Quote } from './quote.js';
import type { Warning } from './warning.js';

/** Names a person or thing at one provider: `{ uid: "…" }`, `{ clientId: "…" }`; the provider's own words, values always strings. */
export type ProviderRefs = Record<string, string>;

/** Who an operation is about, as an adapter sees it: what the provider calls them, what was shown at the till, or both. */
export interface Subject {
  /** Known provider references of a customer we have met. */
  refs?: ProviderRefs;
  /** The code, phone, card … of this request; a one-time code stands only here. */
  identifier?: Identifier;
}

/** A hold of ours that a look-up, quote or purchase names, in the provider's words. */
export interface HeldPoints {
  refs: ProviderRefs;
  points: Points;
  /** Whose they are, where that is known and the buyer is not yet. */
  holder?: ProviderRefs;
}

/** A customer as a provider tells it: no id of ours, no token; `identity` says what the shown identifier is good for. */
export type CustomerData = Omit<Customer, 'id' | 'identityToken' | 'operationId' | 'maxRedeemPoints'> & {
  maxRedeemPoints?: Points;
  /** How long the shown identifier serves (seconds) and whether points can be redeemed with it; absent when nothing was shown. */
  identity?: { expiresInSeconds: number; canRedeem: boolean };
};

/** One page of a provider's list; `next` is the adapter's own mark, sealed into our cursor. */
export interface Page<T> {
  data: T[];
  next?: string;
}

/** What every provider-backed list is asked with; `cursor` is the adapter's own `next` of the page before. */
export interface PageAsk {
  limit: number;
  cursor?: string;
  /** First moment, inclusive. */
  from?: Date;
  /** Last moment, inclusive. */
  to?: Date;
}

/** A look-up by what was shown at the till; with a receipt the provider also says what can be redeemed. */
export interface LookupAsk {
  identifier: Identifier;
  receipt?: { total: Money; excludedTotal?: Money };
  locationId?: string;
  holds: HeldPoints[];
}

/** A receipt to be priced without any effect. */
export interface QuoteAsk {
  subject: Subject;
  receipt: Receipt;
  locationId?: string;
  holds: HeldPoints[];
}

/** A quote without our customer id; `customer` when the provider's answer told who it is. */
export type QuoteData = Omit<Quote, 'customerId'> & { customer?: CustomerData };

/** Points to be kept for a sale, and for how long (seconds). */
export interface HoldAsk {
  subject: Subject;
  points: Points;
  durationSeconds: number;
  locationId?: string;
}

/** A hold as the provider made it. */
export interface HoldData {
  refs: ProviderRefs;
  points: Points;
  /** The provider's end of the hold in the PROVIDER's clock; the gateway corrects it by the measured skew. */
  until: Date;
  customer?: { refs: ProviderRefs };
}

/** A sale to be booked; the receipt as the till sent it. */
export interface PurchaseAsk {
  subject: Subject;
  merchantReference: string;
  receipt: Receipt;
  locationId?: string;
  cashier?: { externalId: string; name?: string };
  holds: HeldPoints[];
  /** For reconciliation: the provider's ids of other purchases with this receipt number and total. */
  knownPurchaseIds?: string[];
  /** On a look for a lost answer: another purchase of this number and total was sent and is not settled either. */
  twinInDoubt?: boolean;
}

/** What the provider made of a sale; absent = it did not say. */
export interface PurchaseData {
  payable: Money;
  redeemedPoints: Points;
  earnedPoints: Points;
  discount: Money;
  rate?: string;
  providerOperationId?: string;
  providerTime?: string;
  balanceAfterPoints?: Points;
  /** Who the provider says bought. */
  customer?: { refs: ProviderRefs };
  warnings?: Warning[];
}

/** Money to be given back on a sale. */
export interface RefundAsk {
  /** The provider's id of the purchase. */
  providerOperationId: string;
  /** What is refunded now, in units of the receipt's total. */
  amount: Money;
  /** The receipt's total. */
  total: Money;
  /** The whole purchase, and nothing of it was refunded before. */
  full: boolean;
  /** The provider's ids of this purchase's refunds that we know already: reconciliation must not take one of them for this one. */
  knownRefundIds?: string[];
  /** What the purchase redeemed and earned, for providers that tell of a refund only the balance of both. */
  purchasePoints?: {
    redeemed: Points;
    earned: Points;
    /** Also a discount was given, so that what was not paid was not all points; absent = not known. */
    discounted?: boolean;
  };
  reason?: string;
}

/** Positive amounts, whatever sign the provider writes. */
export interface RefundData {
  returnedMoney?: Money;
  returnedPoints?: Points;
  reversedEarnedPoints?: Points;
  /** Returned less reversed, of a provider that tells this alone; never shown as one of the two. */
  netPoints?: string;
  providerOperationId?: string;
}

/** One line of a customer’s account at the provider. */
export interface TransactionData {
  providerRef?: string;
  /** Ours when known (`bonus`, `purchase`, `adjustment`, `other`). */
  type: string;
  status?: string;
  providerStatus?: string;
  amount?: Money;
  points?: Points;
  description?: string;
  occurredAt?: string;
  /** The provider's own words for a time that is no date ("2 days ago"). */
  relativeTime?: string;
}
