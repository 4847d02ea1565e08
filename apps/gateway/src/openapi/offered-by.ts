import { registry } from '#adapters';
import type { OperationKind } from '#canonical';

/** What a route asks of a provider. */
export const kindByRoute: Record<string, OperationKind> = {
  'GET /v1/program': 'getProgram',
  'POST /v1/customers/lookup': 'lookupCustomer',
  'POST /v1/customers': 'createCustomer',
  'GET /v1/customers': 'listCustomers',
  'GET /v1/customers/{id}': 'getCustomer',
  'GET /v1/customers/{id}/transactions': 'listTransactions',
  'POST /v1/customers/{id}/balance-adjustments': 'adjustBalance',
  'POST /v1/quotes': 'createQuote',
  'POST /v1/holds': 'createHold',
  'POST /v1/holds/{id}/release': 'releaseHold',
  'POST /v1/purchases': 'createPurchase',
  'POST /v1/purchases/{id}/refunds': 'createRefund',
  'POST /v1/referral/links': 'createLink',
  'GET /v1/referral/clicks': 'listClicks',
  'POST /v1/referral/leads': 'createLead',
  'GET /v1/referral/leads': 'listLeads',
  'POST /v1/referral/conversions': 'createConversion',
  'GET /v1/referral/conversions': 'listConversions',
  'GET /v1/referral/tree': 'getReferralTree',
  'GET /v1/referral/partners': 'listPartners',
  'GET /v1/referral/summary': 'getReferralSummary',
  'GET /v1/referral/payout-methods': 'listPayoutMethods',
  'POST /v1/referral/payouts': 'createPayout',
  'GET /v1/referral/payouts': 'listPayouts',
  'GET /v1/statistics': 'getStatistics',
};

/** The providers that can do it, in a sentence. */
export function offeredBy(kind: OperationKind): string {
  const adapters = Object.values(registry).map(({ adapter }) => adapter);
  const named = adapters
    .filter(({ operations }) => operations[kind].support !== 'no')
    .map(({ title, operations }) =>
      operations[kind].support === 'advisory' ? `${title} (advisory)` : title,
    );
  return `Offered by: ${named.join(', ') || 'no provider yet'}.`;
}
