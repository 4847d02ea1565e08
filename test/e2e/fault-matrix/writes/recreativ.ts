import { adjustmentKind, customerKind, kindOf, lookUpCustomer } from '#outbound';
import type { WriteCall } from '../write-call.js';

/** A call under `/v1/x/recreativ`; it sets a value different from the current one. */
const own = (
  exchange: string,
  wire: RegExp,
  asked: { kind: string; params?: Record<string, string>; body?: object },
): WriteCall => ({
  provider: 'recreativ',
  exchange,
  retryClass: 'absolute',
  way: 'repeat',
  wire,
  arrange: async () => ({
    kind: kindOf(`x.recreativ.${asked.kind}`),
    body: { query: {}, body: asked.body },
    params: asked.params,
  }),
});

/** Recreativ has no keys: absolute writes may be repeated, additions may not. */
export const recreativWrites: WriteCall[] = [
  {
    provider: 'recreativ',
    exchange: 'create-user',
    retryClass: 'reconcilable',
    way: 'proof',
    wire: /^POST \/advertiser\/users$/,
    steps: true,
    arrange: async () => ({ kind: customerKind, body: { username: 'dina', email: 'dina@example.com' } }),
  },
  {
    provider: 'recreativ',
    exchange: 'change-balance',
    retryClass: 'unsafe',
    way: 'person',
    wire: /^PUT \/advertiser\/users\//,
    steps: true,
    arrange: async ({ core, connection }) => {
      const identifier = { type: 'uid' as const, value: '6001' };
      const { id } = await lookUpCustomer(core, connection, { identifier }, { waitMs: 10_000 });
      const delta = { amount: '50.00', currency: 'RUB' };
      return { kind: adjustmentKind, body: { delta, reason: 'goodwill' }, params: { customerId: id } };
    },
  },
  own('set-campaign-active', /^PUT \/advertiser\/campaigns\/111$/, {
    kind: 'setCampaignActive',
    params: { id: '111' },
    body: { active: false },
  }),
  own('set-site-multiplier', /^PUT \/advertiser\/campaigns\/multipliers\/111\/site\//, {
    kind: 'setSiteMultiplier',
    params: { id: '111', siteKey: '2222s3333' },
    body: { coefficient: '2.5' },
  }),
  own('set-device-multiplier', /^PUT \/advertiser\/campaigns\/multipliers\/111\/device\//, {
    kind: 'setDeviceMultiplier',
    params: { id: '111', device: 'mobile' },
    body: { coefficient: '2.5' },
  }),
  {
    ...own('create-offer', /^POST \/advertiser\/offers$/, {
      kind: 'createOffer',
      body: {
        campaignId: '111',
        description: 'Флэт уайт',
        url: 'https://coffee.example.ru/flat-white',
        clickPrice: '2.50',
      },
    }),
    retryClass: 'reconcilable',
    way: 'proof',
    steps: true,
  },
  own('set-offer-active', /^PUT \/advertiser\/offers\/3001$/, {
    kind: 'setOfferActive',
    params: { id: '3001' },
    body: { active: false },
  }),
  own('delete-offer', /^DELETE \/advertiser\/offers\/3001$/, {
    kind: 'deleteOffer',
    params: { id: '3001' },
  }),
];
