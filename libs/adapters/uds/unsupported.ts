import { unsupported } from '#adapter-kit';

const noReferrals = (what: string) =>
  unsupported(
    `UDS has no calls for ${what}: customers invite each other inside its app, and the company sees only who invited whom.`,
    'The inviter is in `inviterRef` of a customer, the company’s join code in `joinCode` of the program.',
  );

const noPayouts = unsupported(
  'UDS has no payouts: rewards are points, which customers spend at the company’s tills.',
);

/** The operations that UDS or this adapter does not support, each with its reason. */
export const notOffered = {
  listTransactions: unsupported(
    'UDS lists operations of the whole company only; the history of one customer is planned for later, not built now.',
    'Read the company’s ledger at `GET /v1/x/uds/operations`.',
  ),
  createCustomer: unsupported(
    'UDS has no call that creates a customer: a customer joins in the UDS app, or is created by a purchase with their phone.',
    'Book the purchase with `identifier` of type `phone`; the answer contains the new customer.',
  ),
  adjustBalance: unsupported(
    'UDS can only gift points, by an asynchronous call that cannot be checked; it is planned for later, not built now.',
    'Gift points in the UDS Business cabinet.',
  ),
  createLink: noReferrals('referral links'),
  listClicks: noReferrals('clicks on referral links'),
  createLead: noReferrals('leads'),
  listLeads: noReferrals('leads'),
  createConversion: noReferrals('conversions'),
  listConversions: noReferrals('conversions'),
  getReferralTree: unsupported(
    'UDS has no call for the tree; building it from the list of customers is planned for later, not built now.',
    'Each customer of `GET /v1/customers` has `inviterRef`.',
  ),
  listPartners: noReferrals('referral partners'),
  getReferralSummary: noReferrals('referral totals'),
  listPayoutMethods: noPayouts,
  createPayout: noPayouts,
  listPayouts: noPayouts,
  getStatistics: unsupported(
    'UDS has no statistics calls; its reports are in the UDS Business cabinet only.',
  ),
};
