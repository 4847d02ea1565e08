import { holdKind, purchaseKind, releaseKind } from '#outbound';
import type { Hold } from '#canonical';
import type { WriteCall } from '../write-call.js';

const anna = { identifier: { type: 'phone', value: '+79031234567' } };
const below = (call: string): RegExp => new RegExp(`^POST /integration/general/${call}$`);

const spend: WriteCall = {
  provider: 'loyalclient',
  exchange: 'retail',
  retryClass: 'unsafe',
  way: 'person',
  wire: below('retail'),
  needs: '/retail/total',
  steps: true,
  arrange: async () => ({
    kind: purchaseKind,
    body: {
      ...anna,
      merchantReference: 'matrix-sale',
      receipt: { total: { amount: '1000.00', currency: 'RUB' }, redeemPoints: '100' },
    },
  }),
};

/** LoyalClient has neither keys nor numbers: only a balance shows a purchase, and nothing shows a hold. */
export const loyalclientWrites: WriteCall[] = [
  {
    provider: 'loyalclient',
    exchange: 'hold',
    retryClass: 'reconcilable',
    way: 'person',
    wire: below('bonuses/hold'),
    needs: '/held/id',
    steps: true,
    blind: true,
    arrange: async () => ({ kind: holdKind, body: { ...anna, points: '100' } }),
  },
  {
    provider: 'loyalclient',
    exchange: 'release',
    retryClass: 'absolute',
    way: 'repeat',
    wire: below('bonuses/release'),
    arrange: async stage => {
      // Longer than the provider's clock may be ahead: an expired hold needs no release.
      const lasting = { ...anna, points: '100', durationSeconds: 1_800 };
      const { id }: Hold = await stage.done(holdKind, lasting);
      return { kind: releaseKind, body: { reason: 'the customer left' }, params: { holdId: id } };
    },
  },
  spend,
  {
    ...spend,
    variant: 'weak evidence accepted',
    settings: { onWeakEvidence: 'accept' },
    acceptsWeak: true,
    way: 'proof',
  },
];
