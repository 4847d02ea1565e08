import { defineAdapter, derives, supports, unsupported } from '#adapter-kit';
import { listClicks } from './clicks.js';
import { listConversions } from './conversions.js';
import { createPayout, payoutList } from './create-payout.js';
import { PpCredentials } from './credentials.js';
import { extensions } from './extensions.js';
import { checkKey, getProgram, getReferralSummary, listPayoutMethods } from './info.js';
import { listPayouts } from './payouts.js';
import { errors, refusal } from './refusal.js';
import { authenticate } from './request.js';
import { PpSettings } from './settings.js';
import { getStatistics } from './statistics.js';

const noCustomers = 'PP knows one partner, the owner of the key; it has no customers of its own to speak of.';
const noPoints = 'PP is an affiliate programme of a currency exchange: it has no points, receipts or sales.';
const clock =
  "Times, and the days of `from` and `to`, are the site's own wall clock written as UTC; nothing tells the offset (at most 14 hours). Ask for a day more on either side to be sure. PP sends the whole window at once: name one where an account is large.";

/** Premium Exchanger's affiliate API: clicks, exchanges and payouts of a partner at one exchange site. */
export const pp = defineAdapter<PpCredentials, PpSettings>({
  name: 'pp',
  title: 'PP (Premium Exchanger)',
  source: 'https://premium.gitbook.io/main/en/api-premium-exchanger/affiliate-program-api-old-version',
  credentials: PpCredentials,
  settings: PpSettings,
  // No limit is documented; this is the limit of the documented providers.
  rateLimit: { requests: 5, perMs: 1000 },
  authenticate,
  refusal,
  errors,
  check: {
    exchange: checkKey,
    proves: 'The key is accepted and the affiliate API is switched on for this partner (get_info).',
  },
  operations: {
    getProgram: derives({ notes: 'Balance, smallest payout and currency of the account.' }, getProgram),
    lookupCustomer: unsupported(noCustomers),
    getCustomer: unsupported(noCustomers),
    listCustomers: unsupported(noCustomers),
    listTransactions: unsupported(noCustomers, 'List conversions and payouts of the account.'),
    createCustomer: unsupported(noCustomers),
    adjustBalance: unsupported(
      'PP has no call that changes a balance; rewards are accrued by its exchanges.',
    ),
    createQuote: unsupported(noPoints),
    createHold: unsupported(noPoints),
    releaseHold: unsupported(noPoints),
    createPurchase: unsupported(noPoints, 'Exchanges are made on the site itself; read them as conversions.'),
    createRefund: unsupported(noPoints),
    createLink: unsupported(
      'PP has no call that makes links; the partner link stands in the cabinet of the site.',
    ),
    listClicks: supports(
      { notes: `${clock} The site forgets visits after 60 days unless it is told otherwise.` },
      listClicks,
    ),
    createLead: unsupported(
      'PP takes no leads; whoever follows the partner link is counted by the site itself.',
    ),
    listLeads: unsupported('PP has no leads; it counts clicks and exchanges.', 'List clicks or conversions.'),
    createConversion: unsupported(
      'PP registers exchanges itself and takes none from outside.',
      'List conversions.',
    ),
    listConversions: supports(
      {
        notes: `A reward that was accrued and is no more (a clawback) comes without an event: read open windows again. ${clock}`,
      },
      listConversions,
    ),
    getReferralTree: unsupported('PP has one level only and tells nobody who was invited by whom.'),
    listPartners: unsupported('PP shows a partner their own account and nobody else.'),
    getReferralSummary: supports({ notes: 'The balance of the account.' }, getReferralSummary),
    listPayoutMethods: supports({}, listPayoutMethods),
    createPayout: supports(
      {
        reconcile: payoutList,
        notes:
          'Orders the whole balance; PP takes no amount. One at a time for each key, and never repeated blindly.',
      },
      createPayout,
    ),
    listPayouts: supports({ notes: clock }, listPayouts),
    getStatistics: derives(
      {
        notes: `Counts of clicks and accrued exchanges of the whole account, whatever the subject. ${clock}`,
      },
      getStatistics,
    ),
  },
  extensions,
});
