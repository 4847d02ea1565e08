import type { Money } from './money.js';
import type { ProviderRefs } from './provider-data.js';
import type { ConversionStatus, LeadStatus, PayoutStatus } from './states.js';
import type { StatSubject } from './statistics.js';

/** A change of a balance; negative amounts are subtracted. */
export interface AdjustmentAsk {
  refs: ProviderRefs;
  delta: Money;
  reason?: string;
}

/** A referral link to create for a customer. */
export interface LinkAsk {
  refs: ProviderRefs;
  /** The end user's own token, decrypted for this call only. */
  userToken?: string;
  target: { type: string; id: string };
  recommendationText?: string;
  promoCode?: string;
}

/** A referral link; `reused` = it already existed at the provider. */
export interface LinkData {
  shortUrl: string;
  code?: string;
  signedRef?: string;
  providerRef?: string;
  reused: boolean;
}

/** One visit through a referral link. */
export interface ClickData {
  providerRef: string;
  at: string;
  landingQuery?: string;
  referrer?: string;
  visitorHash?: string;
  userAgent?: string;
  ip?: string;
}

/** A person to submit as a lead of the referrer. */
export interface LeadAsk {
  referrer: ProviderRefs;
  contact: { name: string; email?: string; phone?: string };
  offerId?: string;
  metadata?: Record<string, string>;
}

/** A lead as returned by the provider. */
export interface LeadData {
  providerRef?: string;
  status: LeadStatus;
  providerStatus?: string;
  contactName?: string;
  relativeTime?: string;
}

/** A sale to a lead, to be registered. */
export interface ConversionAsk {
  /** The provider's id of the lead. */
  leadRef: string;
  /** The referrer of the lead, if we created it: reconciliation lists leads by referrer. */
  referrer?: ProviderRefs;
  amount: Money;
  merchantReference: string;
}

/** A conversion, with the referrers' rewards. */
export interface ConversionData {
  providerRef?: string;
  leadRef?: string;
  merchantReference?: string;
  status: ConversionStatus;
  providerStatus?: string;
  amount?: Money;
  reward?: Money;
  bonuses?: { customerRef: string; amount: Money; tier: number }[];
  occurredAt?: string;
}

/** A referral tree; `levels[0]` is the root. */
export interface TreeData {
  root: TreeNodeData;
  levels: TreeNodeData[][];
  totalDownline?: number;
  truncated: boolean;
  maxDepth: number;
}

/** One person in a referral tree, by the provider’s reference. */
export interface TreeNodeData {
  customerRef: string;
  displayName?: string;
  depth: number;
  parentRef: string | null;
}

/** A payout to order; the account number is in full. */
export interface PayoutAsk {
  methodId: string;
  account: string;
  /** The provider's ids of the payouts that the gateway ordered for this account: reconciliation must not mistake one of them for this one, which a list may show late. */
  knownPayoutIds?: string[];
  /** Another payout of this account may stand, and its id is not known. */
  twinInDoubt?: boolean;
}

/** A payout as returned by the provider. */
export interface PayoutData {
  providerRef?: string;
  status: PayoutStatus;
  providerStatus?: string;
  methodId?: string;
  /** In full here; the gateway masks it before it is stored or shown. */
  account?: string;
  amount?: Money;
  originalAmount?: Money;
  createdAt?: string;
  /** Without a `providerRef`: which of several payouts this is that are alike but for their status, counted from the oldest; absent = the first. */
  nth?: number;
}

/** A report over a period, by subject. */
export interface StatisticsAsk {
  subject: StatSubject;
  from?: Date;
  to?: Date;
  groupBy: 'none' | 'date';
  ids?: string[];
  parentId?: string;
  target?: string;
}
