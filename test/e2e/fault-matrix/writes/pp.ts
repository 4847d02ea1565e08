import { payoutKind } from '#outbound';
import type { WriteCall } from '../write-call.js';

const payout: WriteCall = {
  provider: 'pp',
  exchange: 'add-payout',
  retryClass: 'reconcilable',
  way: 'proof',
  wire: /[?&]method=add_payout\b/,
  needs: '/data/payout_id',
  steps: true,
  arrange: async () => ({ kind: payoutKind, body: { methodId: '1', account: 'U7654321' } }),
};

/** PP pays the whole balance for every order; its list of payouts shows whether it did. */
export const ppWrites: WriteCall[] = [
  payout,
  {
    ...payout,
    variant: 'newer API',
    settings: { dialect: 'userapi-v1' },
    wire: /\/add_partner_payout$/,
  },
];
