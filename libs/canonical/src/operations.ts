import type { Partner, ReferralSummary } from './referral.js';
import type { PayoutMethod } from './payout.js';
import type { Money } from './money.js';
import type { Program } from './program.js';
import type { StatRow } from './statistics.js';
import type * as data from './provider-data.js';
import type * as referral from './referral-data.js';

/** The properties of one canonical operation. */
export interface OperationInfo {
  /** The name in `GET /v1/providers`, in 501 problems and in docs/capabilities.md. */
  capability: string;
  title: string;
  /** A write has a row, a state and an outcome; a read only has an answer. */
  write: boolean;
  /** Its priority in the lane; the class belongs to the route. */
  laneClass: 'interactive' | 'write' | 'bulk';
}

const read = (capability: string, title: string) =>
  ({ capability, title, write: false, laneClass: 'interactive' }) as const;
const report = (capability: string, title: string) =>
  ({ capability, title, write: false, laneClass: 'bulk' }) as const;
const tillWrite = (capability: string, title: string) =>
  ({ capability, title, write: true, laneClass: 'interactive' }) as const;
const write = (capability: string, title: string) =>
  ({ capability, title, write: true, laneClass: 'write' }) as const;

/** The canonical operations: a new row does not compile until every adapter declares its support. */
export const operations = {
  getProgram: read('program.get', "The loyalty program's rules"),
  lookupCustomer: read('customer.lookup', 'Find a customer by what was shown at the till'),
  getCustomer: read('customer.get', 'Read one customer'),
  listCustomers: report('customer.list', 'List customers'),
  listTransactions: report('customer.transactions', "List a customer's transactions"),
  createCustomer: write('customer.create', 'Create or update a customer'),
  adjustBalance: write('balance.adjust', "Change a customer's balance"),
  createQuote: read('quote.create', 'Price a receipt without any effect'),
  createHold: tillWrite('hold.create', 'Hold points for a receipt'),
  releaseHold: tillWrite('hold.release', 'Release held points'),
  createPurchase: tillWrite('purchase.create', 'Book a purchase'),
  createRefund: tillWrite('refund.create', 'Refund a purchase'),
  createLink: write('referral.link', 'Create a referral link'),
  listClicks: report('referral.clicks', 'List clicks on referral links'),
  createLead: write('referral.leads.create', 'Submit a lead'),
  listLeads: report('referral.leads.list', 'List leads'),
  createConversion: write('referral.conversions.create', 'Register a conversion'),
  listConversions: report('referral.conversions.list', 'List conversions'),
  getReferralTree: report('referral.tree', 'Read a referral tree'),
  listPartners: report('referral.partners', 'List referral partners'),
  getReferralSummary: report('referral.summary', 'Read the referral totals'),
  listPayoutMethods: report('payout.methods', 'List payout methods'),
  createPayout: write('payout.create', 'Order a payout'),
  listPayouts: report('payout.list', 'List payouts'),
  getStatistics: report('statistics', 'Read statistics'),
} as const satisfies Record<string, OperationInfo>;

/** One of the canonical operations. */
export type OperationKind = keyof typeof operations;
/** An operation that has a row and an outcome. */
export type WriteKind = {
  [K in OperationKind]: (typeof operations)[K]['write'] extends true ? K : never;
}[OperationKind];
/** An operation without a row, which only has an answer. */
export type ReadKind = Exclude<OperationKind, WriteKind>;

/** The input that an adapter receives, by operation. */
export interface OperationAsks {
  getProgram: Record<string, never>;
  lookupCustomer: data.LookupAsk;
  getCustomer: { refs: data.ProviderRefs };
  listCustomers: data.PageAsk;
  listTransactions: data.PageAsk & { refs: data.ProviderRefs };
  createCustomer: data.CustomerAsk;
  adjustBalance: referral.AdjustmentAsk;
  createQuote: data.QuoteAsk;
  createHold: data.HoldAsk;
  releaseHold: { refs: data.ProviderRefs };
  createPurchase: data.PurchaseAsk;
  createRefund: data.RefundAsk;
  createLink: referral.LinkAsk;
  listClicks: data.PageAsk & { ip?: string };
  createLead: referral.LeadAsk;
  listLeads: data.PageAsk & { refs?: data.ProviderRefs; status?: string };
  createConversion: referral.ConversionAsk;
  listConversions: data.PageAsk & { refs?: data.ProviderRefs };
  getReferralTree: { refs?: data.ProviderRefs; maxDepth?: number };
  listPartners: data.PageAsk & { refs?: data.ProviderRefs };
  getReferralSummary: { refs?: data.ProviderRefs };
  listPayoutMethods: Record<string, never>;
  createPayout: referral.PayoutAsk;
  /** Used where the provider sends everything at once, so that pages are full. */
  listPayouts: data.PageAsk & { status?: string };
  getStatistics: referral.StatisticsAsk;
}

/** The result that an adapter returns, by operation. */
export interface OperationResults {
  getProgram: Program;
  lookupCustomer: data.CustomerData;
  getCustomer: data.CustomerData;
  listCustomers: data.Page<data.CustomerData>;
  listTransactions: data.Page<data.TransactionData>;
  createCustomer: data.CustomerData;
  adjustBalance: { balanceAfter?: Money };
  createQuote: data.QuoteData;
  createHold: data.HoldData;
  releaseHold: { verified: boolean };
  createPurchase: data.PurchaseData;
  createRefund: data.RefundData;
  createLink: referral.LinkData;
  listClicks: data.Page<referral.ClickData>;
  createLead: referral.LeadData;
  listLeads: data.Page<referral.LeadData>;
  createConversion: referral.ConversionData;
  listConversions: data.Page<referral.ConversionData>;
  getReferralTree: referral.TreeData;
  listPartners: data.Page<Partner>;
  getReferralSummary: ReferralSummary;
  listPayoutMethods: PayoutMethod[];
  createPayout: referral.PayoutData;
  listPayouts: data.Page<referral.PayoutData>;
  getStatistics: StatRow[];
}
