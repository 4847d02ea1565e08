import { defineAdapter, derives, supports, unsupported } from '#adapter-kit';
import { checkOrigin, getReferralSummary, lookupCustomer, readCabinet, readCustomer } from './cabinet.js';
import { createConversion, leadConverted } from './conversions.js';
import { ReccaCredentials } from './credentials.js';
import { upsertUser } from './customers.js';
import { createLead, leadsByReferrer, listConversions, listLeads } from './leads.js';
import { createLink } from './links.js';
import { getReferralTree, listPartners } from './network.js';
import { authenticate, consent, errors, refusal } from './request.js';
import { ReccaSettings } from './settings.js';
import { getStatistics } from './statistics.js';
import { listTransactions } from './transactions.js';

const noPoints = 'Recca rewards recommendations: it has no points to redeem and books no receipts.';
const conversion = 'Register the sale as a conversion of the lead (`POST /v1/referral/conversions`).';
const onePerson = 'Of one customer: Recca tells nothing of a tenant as a whole.';

/** Recca: recommendations, leads and cascaded bonuses of a tenant's users. */
export const recca = defineAdapter<ReccaCredentials, ReccaSettings>({
  name: 'recca',
  title: 'Recca',
  source: 'https://app.recca.ru',
  credentials: ReccaCredentials,
  settings: ReccaSettings,
  baseUrl: 'https://app.recca.ru',
  // No limit is documented; this is a courtesy.
  rateLimit: { requests: 5, perMs: 1000 },
  authenticate,
  refusal,
  errors,
  check: {
    exchange: checkOrigin,
    proves:
      'The origin is on the whitelist of the tenant. The tenant key is not proven: Recca has no read that takes it.',
  },
  consent,
  operations: {
    getProgram: unsupported('Recca has no call that tells the rules of a programme.'),
    lookupCustomer: supports(
      {
        by: {
          uid: true,
          externalId: true,
          code: 'Recca has no one-time codes; people are known by their ids alone.',
          phone: 'Recca cannot be asked by phone number; register people with your own id of them instead.',
          card: 'Recca has no cards; people are known by their ids alone.',
          search: 'Recca has no call that searches for people.',
        },
        notes:
          'uid is the `tenant_recca_id` (ub_…). By externalId the gateway finds those whom it registered itself; Recca cannot be asked.',
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
      upsertUser,
    ),
    adjustBalance: unsupported(
      'Recca has no call that changes a balance; bonuses come from conversions.',
      conversion,
    ),
    createQuote: unsupported(noPoints),
    createHold: unsupported(noPoints),
    releaseHold: unsupported(noPoints),
    createPurchase: unsupported(noPoints, conversion),
    createRefund: unsupported('A conversion cannot be taken back at Recca: it has no call for it.'),
    createLink: supports(
      { notes: "Needs the end user's consent. The same parameters give the same link (`reused`)." },
      createLink,
    ),
    listClicks: unsupported('Recca tells nothing of clicks on its links.', 'List the leads of a customer.'),
    createLead: supports(
      {
        reconcile: leadsByReferrer,
        notes: 'The referrer must have been registered through the gateway, which knows their usr_… id then.',
      },
      createLead,
    ),
    listLeads: supports({ notes: `${onePerson} Times are words ("2 days ago") and no dates.` }, listLeads),
    createConversion: supports(
      { reconcile: leadConverted, notes: 'Whole kopecks. It cannot be taken back.' },
      createConversion,
    ),
    listConversions: derives({ notes: `Leads that were converted. ${onePerson}` }, listConversions),
    getReferralTree: supports({ notes: onePerson }, getReferralTree),
    listPartners: supports({ notes: onePerson }, listPartners),
    getReferralSummary: supports({ notes: onePerson }, getReferralSummary),
    listPayoutMethods: unsupported('Recca pays its users itself and tells no ways of being paid.'),
    createPayout: unsupported('Recca pays its users itself; payouts cannot be ordered.'),
    listPayouts: unsupported(
      'Recca pays its users itself and lists no payouts.',
      "List the customer's transactions.",
    ),
    getStatistics: derives(
      { notes: 'Totals of all time of up to 10 people, named in `ids` by their ub_… ids; no dates.' },
      getStatistics,
    ),
  },
  extensions: {
    cabinet: {
      method: 'GET',
      path: 'cabinet/{customerId}',
      summary: 'The cabinet of a customer as Recca’s widget gets it',
      customer: true,
      laneClass: 'bulk',
      does: readCabinet,
    },
  },
});
