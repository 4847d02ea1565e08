import { defineAdapter, derives, supports, unsupported } from '#adapter-kit';
import { getProgram, getReferralSummary, getReferralTree, listPartners } from './account.js';
import { adjustBalance, balanceDelta } from './adjust-balance.js';
import { createCustomer } from './create-customer.js';
import { RecreativCredentials } from './credentials.js';
import { getCustomer, lookupCustomer, me } from './customer.js';
import { extensions } from './extensions.js';
import { listPayouts } from './payouts.js';
import { errors, refusal } from './refusal.js';
import { RecreativSettings } from './settings.js';
import { getStatistics } from './statistics.js';
import { usersList } from './users-list.js';
import { listCustomers } from './users.js';

const noTill =
  'Recreativ is an advertising network: it has accounts and balances, and no points, receipts or sales.';
const noShown = 'Recreativ’s accounts have no such identifier; an account is found only by its id.';
const noReferralCalls = 'Recreativ has no call for this; its referrals are accounts, without any other data.';

/** Recreativ: referral clients and their balances, campaigns, offers, sites and statistics of an advertising network. */
export const recreativ = defineAdapter<RecreativCredentials, RecreativSettings>({
  name: 'recreativ',
  title: 'Recreativ',
  source: 'https://recreativ.com/api',
  credentials: RecreativCredentials,
  settings: RecreativSettings,
  baseUrl: 'https://recreativ.com/api',
  rateLimit: { requests: 5, perMs: 1000 },
  authenticate: ({ authToken }) => ({ headers: { 'Auth-Token': authToken } }),
  refusal,
  errors,
  check: { exchange: me, proves: 'The token is accepted and belongs to the account returned by GET /me.' },
  operations: {
    getProgram: derives(
      { notes: 'Currency and balance of the account; Recreativ has no loyalty program.' },
      getProgram,
    ),
    lookupCustomer: supports(
      {
        by: { uid: true, code: noShown, phone: noShown, card: noShown, externalId: noShown, search: noShown },
        notes: 'Own referrals only.',
      },
      lookupCustomer,
    ),
    getCustomer: supports(
      { notes: 'Own referrals only. Answers contain a login, but no name.' },
      getCustomer,
    ),
    listCustomers: supports(
      {
        notes:
          'In Recreativ’s own order. `from` and `to` refer to the day of registration; the gateway filters.',
      },
      listCustomers,
    ),
    listTransactions: unsupported('Recreativ shows the balance of an account, but not its transactions.'),
    createCustomer: supports(
      {
        reconcile: usersList,
        notes:
          'Needs `username` and `email`. The person confirms the e-mail address; Recreativ generates the password. All pages of referrals are read first, so that after a lost answer the new account is not confused with an older one.',
      },
      createCustomer,
    ),
    adjustBalance: supports(
      {
        reconcile: balanceDelta,
        notes:
          'Sends the change itself, never twice. A lost answer is reconciled by the balance before and after, which is weak evidence. `reason` is stored by the gateway only.',
      },
      adjustBalance,
    ),
    createQuote: unsupported(noTill),
    createHold: unsupported(noTill),
    releaseHold: unsupported(noTill),
    createPurchase: unsupported(noTill, 'Change a balance with POST /v1/customers/{id}/balance-adjustments.'),
    createRefund: unsupported(
      noTill,
      'Change the balance back with POST /v1/customers/{id}/balance-adjustments.',
    ),
    createLink: unsupported(
      noReferralCalls,
      'Register the client with POST /v1/customers: it becomes your referral.',
    ),
    listClicks: unsupported(
      'Recreativ counts clicks, but does not list them.',
      'GET /v1/statistics returns their number.',
    ),
    createLead: unsupported(
      noReferralCalls,
      'Register the client with POST /v1/customers: it becomes your referral.',
    ),
    listLeads: unsupported(noReferralCalls, 'List the referrals with GET /v1/customers.'),
    createConversion: unsupported('Recreativ counts conversions with its own code on the advertiser’s site.'),
    listConversions: unsupported(
      'Recreativ counts conversions, but does not list them.',
      'GET /v1/statistics returns their number.',
    ),
    getReferralTree: derives(
      { notes: 'One level, read from `parentId`; deeper levels are not visible.' },
      getReferralTree,
    ),
    listPartners: derives({ notes: 'The account’s referrals; all of them count as active.' }, listPartners),
    getReferralSummary: derives({ notes: 'The balance.' }, getReferralSummary),
    listPayoutMethods: unsupported('Recreativ has no call for payout methods; its cabinet shows them.'),
    createPayout: unsupported(
      'Recreativ has no call that orders a payout; payouts are ordered in its cabinet.',
    ),
    listPayouts: supports(
      {
        notes:
          'Rows have no id at Recreativ, so `providerRef` is absent. `methodId` is the name of the payment method (`wallet`); one with a number in it is only in `accountMasked`. The words for a status are not documented; one that the gateway does not know is `other`. The gateway filters by `from` and `to`.',
      },
      listPayouts,
    ),
    getStatistics: supports(
      {
        notes:
          'Whole days. campaigns and offers: what was spent, added up over `ids`; offers of a campaign (`parentId`) for one day only. sites and blocks: what was earned, by day; sites of a campaign (`parentId`) and devices: what was spent there, with the multiplier, narrowed by `target`.',
      },
      getStatistics,
    ),
  },
  extensions,
});
