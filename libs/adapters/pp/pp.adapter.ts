import { defineAdapter, derives, supports, unsupported } from '#adapter-kit';
import { listClicks } from './clicks.js';
import { listConversions } from './conversions.js';
import { createPayout } from './create-payout.js';
import { PpCredentials } from './credentials.js';
import { extensions } from './extensions.js';
import { checkKey, getProgram, getReferralSummary, listPayoutMethods } from './info.js';
import { payoutList } from './payout-list.js';
import { listPayouts } from './payouts.js';
import { errors, refusal } from './refusal.js';
import { authenticate, documentedPath } from './request.js';
import { PpSettings } from './settings.js';
import { getStatistics } from './statistics.js';

const noCustomers = 'PP has only one partner for each key, its owner; it has no customers.';
const noPoints = 'PP is an affiliate program of a currency exchange: it has no points, receipts or sales.';
const clock =
  "Times, and the days of `from` and `to`, are the site's local time written as UTC, with an unknown offset (at most 14 hours): to be sure, request one day more on each side. PP sends the whole period at once: set `from` and `to` for large accounts.";

/** Premium Exchanger's affiliate API: clicks, exchanges and payouts of a partner at one exchange site. */
export const pp = defineAdapter<PpCredentials, PpSettings>({
  name: 'pp',
  title: 'PP (Premium Exchanger)',
  source: 'https://premium.gitbook.io/main/en/api-premium-exchanger/affiliate-program-api-old-version',
  credentials: PpCredentials,
  settings: PpSettings,
  sharedPath: documentedPath,
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
      'PP has no call that creates links; the partner link is in the cabinet of the site.',
    ),
    listClicks: supports(
      {
        notes: `${clock} The site deletes visits after 60 days by default. A visit without a time is left out.`,
      },
      listClicks,
    ),
    createLead: unsupported('PP has no leads; the site itself counts visitors by the partner link.'),
    listLeads: unsupported('PP has no leads; it counts clicks and exchanges.', 'List clicks or conversions.'),
    createConversion: unsupported(
      'PP registers exchanges itself; they cannot be submitted.',
      'List conversions.',
    ),
    listConversions: supports(
      {
        notes: `PP does not tell of an accrued reward that is taken back (a clawback): read recent periods again, and it becomes \`reversed\`, with the event \`referral.conversion.reversed\`. An exchange without \`accrued\` is left out. ${clock}`,
      },
      listConversions,
    ),
    getReferralTree: unsupported('PP has only one level, and does not show who was invited by whom.'),
    listPartners: unsupported('PP shows a partner only their own account.'),
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
