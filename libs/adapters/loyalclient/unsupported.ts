import { unsupported } from '#adapter-kit';

const noReferrals = 'LoyalClient is a loyalty program for the till; its API has no referral calls.';
const noPayouts = 'LoyalClient has no payouts; its points are spent at the till.';

/** The operations that LoyalClient does not support, each with its reason. */
export const notOffered = {
  getCustomer: unsupported(
    'LoyalClient finds clients only by phone, card number or app code; it has no call that reads a client by id.',
    'Use POST /v1/customers/lookup with the identifier that the customer shows at the till.',
  ),
  listCustomers: unsupported(
    'LoyalClient has no call that lists clients; it answers for one client at a time.',
  ),
  listTransactions: unsupported(
    'LoyalClient has no call that lists past operations of a client.',
    'GET /v1/purchases lists the purchases that were made through this gateway.',
  ),
  createCustomer: unsupported(
    'LoyalClient has no call that registers a client; clients join in its app or at its own till screen.',
  ),
  adjustBalance: unsupported(
    'LoyalClient has no call that changes a balance other than by a purchase.',
    'Correct the balance by hand in LoyalClient.',
  ),
  createRefund: unsupported(
    'LoyalClient has no call for refunds, and a purchase has no id there to which a refund could refer.',
    'Make a manual correction in LoyalClient, then resolve the operation here with POST /v1/operations/{id}/resolve where it is still open.',
  ),
  createLink: unsupported(noReferrals),
  listClicks: unsupported(noReferrals),
  createLead: unsupported(noReferrals),
  listLeads: unsupported(noReferrals),
  createConversion: unsupported(
    'LoyalClient has no referral calls, so there is no lead that could be converted.',
    'Book the sale itself with POST /v1/purchases.',
  ),
  listConversions: unsupported(noReferrals),
  getReferralTree: unsupported(noReferrals),
  listPartners: unsupported(noReferrals),
  getReferralSummary: unsupported(noReferrals),
  listPayoutMethods: unsupported(noPayouts),
  createPayout: unsupported(noPayouts),
  listPayouts: unsupported(noPayouts),
  getStatistics: unsupported('LoyalClient has no call for statistics; its own cabinet shows them.'),
};
