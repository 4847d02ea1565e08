import type { Customer, CustomerCreate } from './customer.js';
import type { Identifier } from './identifier.js';
import type { Money } from './money.js';
import type { Points } from './points.js';
import type { Cashier, Receipt } from './purchase.js';
import type { Quote } from './quote.js';
import type { Warning } from './warning.js';

/** Identifies a person or thing at one provider: `{ uid: "…" }`, `{ clientId: "…" }`; keys are the provider's own names, values are always strings. */
export type ProviderRefs = Record<string, string>;

/** A customer to create or update. */
export interface CustomerAsk extends CustomerCreate {
  /** References of customers whom other operations have created lately: a list may show them late, and reconciliation must not mistake one of them for the effect of this one. */
  othersRefs?: { name: string; value: string }[];
}

/** The customer of an operation, as an adapter sees them: the provider's references, what was shown at the till, or both. */
export interface Subject {
  /** The provider's references of a known customer. */
  refs?: ProviderRefs;
  /** The code, phone, card … of this request; the only place with a one-time code. */
  identifier?: Identifier;
}

/** One of our holds that a look-up, quote or purchase names, in the provider's terms. */
export interface HeldPoints {
  refs: ProviderRefs;
  points: Points;
  /** The customer of the hold, if known; the buyer may not be known yet. */
  holder?: ProviderRefs;
}

/** A customer as returned by a provider: without our id and without a token; `identity` says what the shown identifier can be used for. */
export type CustomerData = Omit<Customer, 'id' | 'identityToken' | 'operationId' | 'maxRedeemPoints'> & {
  maxRedeemPoints?: Points;
  /** How long the shown identifier is valid (seconds) and whether points can be redeemed with it; absent if nothing was shown. */
  identity?: { expiresInSeconds: number; canRedeem: boolean };
};

/** One page of a provider's list; `next` is the adapter's own position, encrypted in our cursor. */
export interface Page<T> {
  data: T[];
  next?: string;
}

/** The input of every provider-backed list; `cursor` is the adapter's `next` of the previous page. */
export interface PageAsk {
  limit: number;
  cursor?: string;
  /** Start, inclusive. */
  from?: Date;
  /** End, inclusive. */
  to?: Date;
}

/** A look-up by what was shown at the till; with a receipt, the provider also says how many points can be redeemed. */
export interface LookupAsk {
  identifier: Identifier;
  receipt?: { total: Money; excludedTotal?: Money };
  locationId?: string;
  holds: HeldPoints[];
}

/** A receipt to price without any effect. */
export interface QuoteAsk {
  subject: Subject;
  receipt: Receipt;
  locationId?: string;
  holds: HeldPoints[];
}

/** A quote without our customer id; `customer` is present if the provider's answer identified them. */
export type QuoteData = Omit<Quote, 'customerId'> & { customer?: CustomerData };

/** Points to hold for a sale, and for how long (seconds). */
export interface HoldAsk {
  subject: Subject;
  points: Points;
  durationSeconds: number;
  locationId?: string;
}

/** A hold as created by the provider. */
export interface HoldData {
  refs: ProviderRefs;
  points: Points;
  /** The end of the hold on the PROVIDER's clock; the gateway corrects it by the measured skew. */
  until: Date;
  customer?: { refs: ProviderRefs };
}

/** A sale to book; the receipt is as the till sent it. */
export interface PurchaseAsk {
  subject: Subject;
  merchantReference: string;
  receipt: Receipt;
  locationId?: string;
  cashier?: Cashier;
  holds: HeldPoints[];
  /** For reconciliation: the provider's ids of other purchases with this receipt number and total. */
  knownPurchaseIds?: string[];
  /** For reconciliation: another purchase with this number and total was sent and is not settled either. */
  twinInDoubt?: boolean;
}

/** A sale as booked by the provider; absent = it did not say. */
export interface PurchaseData {
  payable: Money;
  redeemedPoints: Points;
  earnedPoints?: Points;
  discount: Money;
  rate?: string;
  providerOperationId?: string;
  providerTime?: string;
  balanceAfterPoints?: Points;
  /** The buyer according to the provider. */
  customer?: { refs: ProviderRefs };
  warnings?: Warning[];
  /** The receipt number of an answer that may be about another sale: the number was not sent, or it names an old sale and a till uses it again. */
  otherReceipt?: string;
  /** The name of the cashier at the provider; personal, so kept sealed. */
  cashierName?: string;
}

/** The refund of a sale. */
export interface RefundAsk {
  /** The provider's id of the purchase. */
  providerOperationId: string;
  /** What is refunded now, in units of the receipt's total. */
  amount: Money;
  /** The receipt's total. */
  total: Money;
  /** The whole purchase, and nothing of it was refunded before. */
  full: boolean;
  /** The provider's ids of the already known refunds of this purchase: reconciliation must not mistake one of them for this one. */
  knownRefundIds?: string[];
  /** Another refund of this purchase with this amount may stand, and its id is not known. */
  twinInDoubt?: boolean;
  /** What the purchase redeemed and earned, for providers that report only the net of both for a refund. */
  purchasePoints?: {
    redeemed: Points;
    /** Absent = the provider did not tell. */
    earned?: Points;
    /** A discount was also given, so the unpaid part was not only points; absent = unknown. */
    discounted?: boolean;
  };
  reason?: string;
}

/** Positive amounts, whatever sign the provider uses. */
export interface RefundData {
  returnedMoney?: Money;
  returnedPoints?: Points;
  reversedEarnedPoints?: Points;
  /** Returned minus reversed points, from a provider that reports only the net; never shown as either. */
  netPoints?: string;
  providerOperationId?: string;
  /** Absent if there are none. */
  warnings?: Warning[];
  /** The name of the cashier at the provider; personal, so kept sealed. */
  cashierName?: string;
}

/** One line of a customer’s account at the provider. */
export interface TransactionData {
  providerRef?: string;
  /** The canonical type (`bonus`, `purchase`, `adjustment`, `other`). */
  type: string;
  status?: string;
  providerStatus?: string;
  amount?: Money;
  points?: Points;
  description?: string;
  occurredAt?: string;
  /** The provider's text for a time that is not a date ("2 days ago"). */
  relativeTime?: string;
}
