/** How a call may be repeated; null = the browser sends it, not the gateway. */
export type CallRetry = 'read' | 'keyed' | 'absolute' | 'reconcilable' | 'unsafe' | null;

/** One documented call of a provider, and its routes in the canonical API. */
export interface ProviderCallRow {
  number: number;
  provider: string;
  /** As the provider names it. */
  call: string;
  /** The routes that use it; the row's test calls each. */
  homes: readonly string[];
  retry: CallRetry;
}

type Row = [number: number, call: string, retry: CallRetry, ...homes: string[]];

const of = (provider: string, rows: Row[]): ProviderCallRow[] =>
  rows.map(([number, call, retry, ...homes]) => ({ number, provider, call, homes, retry }));

const x = '/v1/x/recreativ';
const below = `${x}/campaigns/{id}`;
const facade = '/compat/uds/v1/partner';

/** Every documented provider call, 59 of them. docs/calls.md is generated from this table; apart from it, this file may contain only types. */
export const calls: ProviderCallRow[] = [
  ...of('uds', [
    [1, 'GET /settings', 'read', 'GET /v1/program', 'GET /v1/x/uds/settings'],
    [2, 'GET /customers/find', 'read', 'POST /v1/customers/lookup', 'POST /v1/quotes'],
    [3, 'POST /operations', 'keyed', 'POST /v1/purchases'],
    [4, 'POST /operations/{id}/refund', 'unsafe', 'POST /v1/purchases/{id}/refunds'],
  ]),
  ...of('loyalclient', [
    [5, 'POST /integration/general/client', 'read', 'POST /v1/customers/lookup'],
    [6, 'POST /integration/general/recalc', 'read', 'POST /v1/quotes'],
    [7, 'POST /integration/general/bonuses/hold', 'reconcilable', 'POST /v1/holds'],
    [8, 'POST /integration/general/bonuses/release', 'absolute', 'POST /v1/holds/{id}/release'],
    [9, 'POST /integration/general/retail', 'unsafe', 'POST /v1/purchases'],
  ]),
  ...of('recreativ', [
    [10, 'GET /me', 'read', 'GET /v1/program', `GET ${x}/me`],
    [
      11,
      'GET /advertiser/users',
      'read',
      'GET /v1/customers',
      'GET /v1/referral/partners',
      'GET /v1/referral/tree',
    ],
    [12, 'GET /advertiser/users/{id}', 'read', 'GET /v1/customers/{id}', 'POST /v1/customers/lookup'],
    [13, 'GET /advertiser/users/{id}?expand=campaigns', 'read', `GET ${x}/users/{id}/campaigns`],
    [14, 'POST /advertiser/users', 'reconcilable', 'POST /v1/customers'],
    [15, 'PUT /advertiser/users/{id}', 'unsafe', 'POST /v1/customers/{id}/balance-adjustments'],
    [16, 'GET /webmaster/categories', 'read', `GET ${x}/categories`],
    [17, 'GET /webmaster/sites', 'read', `GET ${x}/sites`],
    [18, 'GET /webmaster/sites/{id}', 'read', `GET ${x}/sites/{id}`],
    [19, 'GET /webmaster/statistic', 'read', 'GET /v1/statistics'],
    [20, 'GET /webmaster/payment', 'read', 'GET /v1/referral/payouts'],
    [21, 'GET /webmaster/blocks/{id}', 'read', `GET ${x}/blocks/{id}`],
    [22, 'GET /webmaster/sites/{id}?expand=blocks', 'read', `GET ${x}/sites/{id}/blocks`],
    [23, 'GET /advertiser/categories', 'read', `GET ${x}/categories`],
    [24, 'GET /advertiser/campaigns/{id}', 'read', `GET ${below}`],
    [25, 'GET /advertiser/campaigns', 'read', `GET ${x}/campaigns`],
    [26, 'PUT /advertiser/campaigns/{id}', 'absolute', `PATCH ${below}`],
    [27, 'GET /advertiser/statistics', 'read', 'GET /v1/statistics'],
    [28, 'GET /advertiser/statistics?scope=offers', 'read', 'GET /v1/statistics'],
    [
      29,
      'GET /advertiser/campaigns/multipliers/{campaign}/site/{?id}',
      'read',
      `GET ${below}/multipliers/sites`,
      `GET ${below}/multipliers/sites/{siteKey}`,
    ],
    [
      30,
      'PUT /advertiser/campaigns/multipliers/{campaign}/site/{id}?coef=',
      'absolute',
      `PUT ${below}/multipliers/sites/{siteKey}`,
    ],
    [
      31,
      'PUT /advertiser/campaigns/multipliers/{campaign}/device/{type}?coef=',
      'absolute',
      `PUT ${below}/multipliers/devices/{device}`,
    ],
    [32, 'GET /advertiser/campaigns/multipliers/{campaign}', 'read', 'GET /v1/statistics'],
    [33, 'GET /advertiser/campaigns/multipliers/{campaign}/device', 'read', 'GET /v1/statistics'],
    [34, 'GET /advertiser/subCategories?id=', 'read', `GET ${below}/subcategories`],
    [35, 'GET /advertiser/discountType/{campaign}', 'read', `GET ${below}/discount-types`],
    [36, 'POST /advertiser/offers', 'reconcilable', `POST ${x}/offers`],
    [37, 'GET /advertiser/offers/{id}', 'read', `GET ${x}/offers/{id}`],
    [38, 'GET /advertiser/campaigns/{id}?expand=offers', 'read', `GET ${below}/offers`],
    [39, 'PUT /advertiser/offers/{id}', 'absolute', `PATCH ${x}/offers/{id}`],
    [40, 'DELETE /advertiser/offers/{id}', 'absolute', `DELETE ${x}/offers/{id}`],
  ]),
  ...of('pp', [
    [
      41,
      'get_info',
      'read',
      'GET /v1/referral/summary',
      'GET /v1/referral/payout-methods',
      'GET /v1/x/pp/info',
    ],
    [42, 'get_links', 'read', 'GET /v1/referral/clicks', 'GET /v1/x/pp/clicks'],
    [43, 'get_exchanges', 'read', 'GET /v1/referral/conversions', 'GET /v1/x/pp/exchanges'],
    [44, 'get_payouts', 'read', 'GET /v1/referral/payouts'],
    [45, 'add_payout', 'reconcilable', 'POST /v1/referral/payouts'],
  ]),
  ...of('recca', [
    [
      46,
      'GET /embed/v1/data/cabinet/:user_id',
      'read',
      'GET /v1/referral/summary',
      'GET /v1/customers/{id}',
      'GET /v1/x/recca/cabinet/{customerId}',
    ],
    [47, 'GET /embed/v1/data/bonuses/:user_id', 'read', 'GET /v1/customers/{id}/transactions'],
    [48, 'GET /embed/v1/data/leads/:user_id', 'read', 'GET /v1/referral/leads'],
    [49, 'GET /embed/v1/data/referral-tree/:user_id', 'read', 'GET /v1/referral/tree'],
    [50, 'GET /embed/v1/data/partners/:user_id', 'read', 'GET /v1/referral/partners'],
    [51, 'POST /embed/v1/data/referral-link', 'absolute', 'POST /v1/referral/links'],
    [52, 'POST /federation/v1/users/upsert', 'keyed', 'POST /v1/customers'],
    [53, 'POST /federation/v1/leads', 'reconcilable', 'POST /v1/referral/leads'],
    [54, 'POST /federation/v1/conversions/register', 'reconcilable', 'POST /v1/referral/conversions'],
    [
      55,
      'GET /oauth/authorize (in a browser)',
      null,
      'POST /v1/consent-sessions',
      'POST /v1/consent-sessions/{id}/complete',
    ],
  ]),
  ...of('uds', [
    [56, 'GET company (v1)', 'read', `GET ${facade}/company`],
    [57, 'GET customer (v1)', 'read', `GET ${facade}/customer`],
    [58, 'POST purchase (v1)', 'keyed', `POST ${facade}/purchase`],
    [59, 'POST revert/{id} (v1)', 'unsafe', `POST ${facade}/revert/{id}`],
  ]),
];
