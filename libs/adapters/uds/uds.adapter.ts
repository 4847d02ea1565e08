import { advisory, defineAdapter, derives, supports } from '#adapter-kit';
import { lookupBy } from './buyer.js';
import { createPurchase } from './create-purchase.js';
import { createQuote } from './create-quote.js';
import { createRefund } from './create-refund.js';
import { UdsCredentials } from './credentials.js';
import { udsExtensions } from './extensions.js';
import { getCustomer, lookupCustomer } from './find-customer.js';
import { listCustomers } from './list-customers.js';
import { getSettings } from './program.js';
import { findPurchase } from './reconcile-purchase.js';
import { findRefund } from './reconcile-refund.js';
import { udsErrors, udsRefusal } from './refusals.js';
import { UdsSettings, unlessDocumentedOnly } from './settings.js';
import { notOffered } from './unsupported.js';

/** UDS (uds.app): points or discounts by the code in the customer’s app. */
export const uds = defineAdapter<UdsCredentials, UdsSettings>({
  name: 'uds',
  title: 'UDS',
  source: 'https://docs.uds.app',
  credentials: UdsCredentials,
  settings: UdsSettings,
  account: ({ companyId }) => companyId,
  baseUrl: 'https://api.uds.app/partner/v2',
  // No limit is documented, but clients were throttled; the gateway uses the rate of the strictest provider.
  rateLimit: { requests: 5, perMs: 1000 },
  authenticate: ({ companyId, apiKey }) => ({
    headers: { Authorization: `Basic ${Buffer.from(`${companyId}:${apiKey}`, 'utf8').toString('base64')}` },
  }),
  refusal: udsRefusal,
  errors: udsErrors,
  check: {
    exchange: getSettings,
    proves:
      'UDS accepts the company id and the API key, and its settings can be read. That purchases are permitted is not proven.',
  },
  operations: {
    ...notOffered,
    getProgram: supports({ notes: 'The company’s settings, cached for five minutes.' }, getSettings),
    lookupCustomer: supports({ by: lookupBy }, lookupCustomer),
    getCustomer: derives(
      {
        notes: 'By uid; a customer known by phone only is read by participant id (`undocumentedCalls`).',
      },
      getCustomer,
    ),
    listCustomers: supports(
      { unless: unlessDocumentedOnly('the list of customers'), notes: 'At most 50 a page.' },
      listCustomers,
    ),
    createQuote: supports({}, createQuote),
    createHold: advisory({ unless: holdsAreOff, notes: holdNotes() }),
    releaseHold: advisory({ unless: holdsAreOff, notes: holdNotes() }),
    createPurchase: supports(
      {
        earn: true,
        redeem: true,
        redeemAndEarn: true,
        reconcile: findPurchase,
        notes: 'Points are redeemed by code; by phone only where the company allows it; by uid never.',
      },
      createPurchase,
    ),
    createRefund: supports({ full: true, partial: true, reconcile: findRefund }, createRefund),
  },
  extensions: udsExtensions,
});

function holdsAreOff({ advisoryHolds }: UdsSettings): string | undefined {
  return advisoryHolds
    ? undefined
    : 'UDS has no holds. With the connection’s setting `advisoryHolds` the gateway keeps its own, which other tills do not see.';
}

function holdNotes(): string {
  return 'Kept by the gateway if the connection’s setting `advisoryHolds` is on; UDS does not know it.';
}
