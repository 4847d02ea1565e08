import type { Program } from '#canonical';
import { defineAdapter, derives, steps, supports } from '#adapter-kit';
import type { Context } from '#adapter-kit';
import { balanceDelta } from './balance-delta.js';
import { findClient, notByOwnId } from './client.js';
import { LoyalClientCredentials } from './credentials.js';
import { createHold, holdExpires, maxHoldSeconds, releaseHold } from './hold.js';
import { probeHold } from './hold-probe.js';
import { keyProbe } from './key-probe.js';
import { createQuote, lookupCustomer } from './lookup.js';
import { createPurchase } from './purchase.js';
import { refusal } from './refusal.js';
import { LoyalClientSettings } from './settings.js';
import { notOffered } from './unsupported.js';
import { sharedPath } from './wire.js';

// There is no call for the program: these are the documented rules, so no request is sent.
const getProgram = steps(
  findClient,
  // oxlint-disable-next-line require-yield
  function* (_ask: Record<string, never>, { settings }: Context<LoyalClientSettings>) {
    return { currency: settings.currency, maxHoldSeconds } satisfies Program;
  },
);

/** LoyalClient: points or discounts at the till, by its "Base REST API integration", version 8. */
export const loyalclient = defineAdapter<LoyalClientCredentials, LoyalClientSettings>({
  name: 'loyalclient',
  title: 'LoyalClient',
  source: 'LoyalClient, "Base REST API integration", version 8 (2 December 2024)',
  credentials: LoyalClientCredentials,
  settings: LoyalClientSettings,
  sharedPath,
  // Not documented: the rate that every documented provider of this kind allows.
  rateLimit: { requests: 5, perMs: 1000 },
  authenticate: ({ apiKey }) => ({ headers: { apikey: apiKey } }),
  refusal,
  errors: {
    client: 'customer-not-found',
    blocked: 'customer-blocked',
    point: 'location-unknown',
    spend: 'redeem-limit-exceeded',
    apikey: 'connection-credentials-invalid',
  },
  check: {
    exchange: keyProbe,
    proves:
      'The key is accepted, and the default point of sale, if the connection has one, is known. How LoyalClient answers a wrong key is not documented, so a harmless call cannot prove more.',
  },
  operations: {
    getProgram: derives(
      {
        notes:
          'The rules that LoyalClient documents for every program: the longest hold; and the connection’s currency.',
      },
      getProgram,
    ),
    lookupCustomer: supports(
      {
        by: { code: true, phone: true, card: true, uid: notByOwnId, externalId: notByOwnId, search: true },
        notes:
          'With `receipt.total` a second call returns `maxRedeemPoints`. A phone that is not found as digits is looked up again with its plus.',
      },
      lookupCustomer,
    ),
    createQuote: supports(
      { notes: 'The gateway computes the sum of a discount level from its percent.' },
      createQuote,
    ),
    createHold: supports(
      {
        reconcile: holdExpires,
        endedBy: 'operation-at-location',
        probe: probeHold,
        stepSeconds: 60,
        notes:
          'Whole minutes, rounded up. A new operation at the same point of sale may drop the hold early; the gateway checks this by the balance with and without it.',
      },
      createHold,
    ),
    releaseHold: supports(
      { notes: 'The answer is the same for a hold that never existed, so a release is never verified.' },
      releaseHold,
    ),
    createPurchase: supports(
      {
        earn: true,
        redeem: true,
        redeemAndEarn: false,
        reconcile: balanceDelta,
        notes:
          'Either redeems or earns. LoyalClient returns no operation id and takes no key: a lost answer is reconciled by the balance before and after, which is weak evidence.',
      },
      createPurchase,
    ),
    ...notOffered,
  },
});
