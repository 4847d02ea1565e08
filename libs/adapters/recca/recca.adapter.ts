import { defineAdapter, derives, supports, unsupported } from '#adapter-kit';
import { checkOrigin, getReferralSummary, lookupCustomer, readCabinet, readCustomer } from './cabinet.js';
import { consent } from './consent.js';
import { createConversion, leadConverted } from './conversions.js';
import { ReccaCredentials } from './credentials.js';
import { createCustomer } from './customers.js';
import { createLead, leadsByReferrer } from './create-lead.js';
import { listConversions, listLeads } from './leads.js';
import { createLink } from './links.js';
import { getReferralTree, listPartners } from './network.js';
import { errors, refusal } from './refusal.js';
import { authenticate } from './request.js';
import { ReccaSettings } from './settings.js';
import { getStatistics } from './statistics.js';
import { listTransactions } from './transactions.js';

const noPoints = 'Recca rewards recommendations: it has no points to redeem and books no receipts.';
const conversion = 'Register the sale as a conversion of the lead (`POST /v1/referral/conversions`).';
const onePerson = 'For one customer: Recca has no data about a tenant as a whole.';

/** Recca: recommendations, leads and cascaded bonuses of a tenant's users. */
export const recca = defineAdapter<ReccaCredentials, ReccaSettings>({
  name: 'recca',
  title: 'Recca',
  source: 'https://app.recca.ru',
  credentials: ReccaCredentials,
  settings: ReccaSettings,
  account: (_credentials, { tenant }) => tenant,
  baseUrl: 'https://app.recca.ru',
  // No limit is documented; this is a courtesy.
  rateLimit: { requests: 5, perMs: 1000 },
  authenticate,
  refusal,
  errors,
  check: {
    exchange: checkOrigin,
    proves:
      'The tenant allows the origin. The tenant key is not proven: Recca has no read call that uses it.',
  },
  consent,
  operations: {
    getProgram: unsupported('Recca has no call for the rules of a program.'),
    lookupCustomer: supports(
      {
        by: {
          uid: true,
          externalId: true,
          code: 'Recca has no one-time codes; people are identified only by their ids.',
          phone: 'Recca has no look-up by phone number; register people with your own id instead.',
          card: 'Recca has no cards; people are identified only by their ids.',
          search: 'Recca has no call that searches for people.',
        },
        notes:
          'uid is the `tenant_recca_id` (ub_…). By externalId the gateway finds only people that it registered itself; Recca has no such look-up.',
      },
      lookupCustomer,
    ),
    getCustomer: supports({}, readCustomer),
    listCustomers: unsupported(
      'Recca has no list of its users.',
      'List the partners or the tree of one customer.',
    ),
    listTransactions: supports({ notes: 'Bonuses. Recca cannot limit them by time.' }, listTransactions),
    createCustomer: supports(
      { notes: 'An upsert by externalId, which is required. Stores both ids of Recca: ub_… and usr_….' },
      createCustomer,
    ),
    adjustBalance: unsupported(
      'Recca has no call that changes a balance; bonuses come from conversions.',
      conversion,
    ),
    createQuote: unsupported(noPoints),
    createHold: unsupported(noPoints),
    releaseHold: unsupported(noPoints),
    createPurchase: unsupported(noPoints, conversion),
    createRefund: unsupported('Recca has no call that reverses a conversion.'),
    createLink: supports(
      { notes: "Needs the end user's consent. The same parameters give the same link (`reused`)." },
      createLink,
    ),
    listClicks: unsupported('Recca has no data about clicks on its links.', 'List the leads of a customer.'),
    createLead: supports(
      {
        reconcile: leadsByReferrer,
        notes: 'The referrer must have been registered through the gateway, so that their usr_… id is known.',
      },
      createLead,
    ),
    listLeads: supports({ notes: `${onePerson} Times are words ("2 days ago"), not dates.` }, listLeads),
    createConversion: supports(
      { reconcile: leadConverted, notes: 'Whole kopecks. It cannot be reversed.' },
      createConversion,
    ),
    listConversions: derives({ notes: `Converted leads. ${onePerson}` }, listConversions),
    getReferralTree: supports({ notes: onePerson }, getReferralTree),
    listPartners: supports({ notes: onePerson }, listPartners),
    getReferralSummary: supports({ notes: onePerson }, getReferralSummary),
    listPayoutMethods: unsupported('Recca pays its users itself and does not list payout methods.'),
    createPayout: unsupported('Recca pays its users itself; payouts cannot be ordered.'),
    listPayouts: unsupported(
      'Recca pays its users itself and does not list payouts.',
      "List the customer's transactions.",
    ),
    getStatistics: derives(
      { notes: 'Totals of all time for up to 10 people, given in `ids` by their ub_… ids; no dates.' },
      getStatistics,
    ),
  },
  extensions: {
    cabinet: {
      method: 'GET',
      path: 'cabinet/{customerId}',
      summary: 'Read a customer’s cabinet, as Recca’s widget receives it',
      customer: true,
      laneClass: 'bulk',
      does: readCabinet,
    },
  },
});
