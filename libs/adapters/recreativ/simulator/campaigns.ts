import type { SimulatedRequest } from '#adapter-kit/testing';
import { exact } from '#canonical';
import { invalid, paged } from './answers.js';
import type { Books } from './books.js';
import type { Answer, Routes } from './call.js';
import { fieldsOf, flag, listed } from './input.js';
import { offersOf, offerView } from './offers.js';
import { blocks, categories } from './seed.js';
import type { Campaign } from './seed.js';
import { daysOf, ofTarget, spent, split, sum, trafficOf } from './traffic.js';
import type { Traffic } from './traffic.js';

const dates = ({ query, now }: SimulatedRequest) => daysOf(query.get('dateFrom'), query.get('dateTo'), now);

/** The traffic of a campaign's offers on the given days. */
export const campaignTraffic = (books: Books, campaign: Campaign, days: string[]): Traffic =>
  sum(offersOf(books, campaign.id).flatMap(offer => days.map(day => trafficOf(offer.id, day, offer.bid))));

/** A campaign as it is sent: flags as 1 and 0, money limits as text. */
export function campaignView(books: Books, campaign: Campaign, request: SimulatedRequest) {
  const { owner: _, archived: _a, geo: _g, ...fields } = campaign;
  const traffic = campaignTraffic(books, campaign, dates(request));
  const items = offersOf(books, campaign.id).length;
  return { ...fields, items, ...spent(ofTarget(traffic, request.query.get('targetId'))) };
}

const list: Answer = ({ books, request, options }) => {
  const { query } = request;
  const ids = listed(query.get('filter[id]'));
  const rows = books.campaigns.filter(
    each =>
      each.owner === books.me.id &&
      (!ids || ids.includes(each.id)) &&
      // 0 = archived, 1 = not: as documented.
      (query.get('archived') === null || each.archived === (query.get('archived') === '0')) &&
      (query.get('type') === null || each.isRetarget === (query.get('type') === '1' ? 1 : 0)),
  );
  return paged(
    rows.map(each => campaignView(books, each, request)),
    request,
    options.paging,
  );
};

const one: Answer = ({ books, request, ids }) => {
  const campaign = books.campaign(ids[0]!);
  const view = campaignView(books, campaign, request);
  if (request.query.get('expand') !== 'offers') return { body: view };
  return { body: { ...view, offers: offersOf(books, campaign.id).map(each => offerView(each, request)) } };
};

const change: Answer = ({ books, request, ids }) => {
  const campaign = books.campaign(ids[0]!);
  const fields = fieldsOf(request);
  const active = 'active' in fields ? flag(fields, 'active') : campaign.active;
  const effect = {
    type: 'campaign',
    key: `${campaign.id}:${active}`,
    id: String(campaign.id),
    data: { active },
  };
  const changed = campaign.active !== active;
  campaign.active = active;
  return { body: campaignView(books, campaign, request), ...(changed && { effect }) };
};

const devices = ['desktop', 'mobile', 'tablet'];
const siteKeys = blocks.map(({ id, siteid }) => `${siteid}s${id}`);
const known = (books: Books, campaign: number, key: string): string =>
  books.coefficients.get(`${campaign}/${key}`) ?? '1';

const row = (books: Books, campaign: number, key: string) => {
  const [siteId, informerId] = key.split('s').map(Number);
  return {
    coef: Number(known(books, campaign, key)),
    campaignId: campaign,
    siteId,
    deviceId: null,
    informerId,
  };
};

const multipliers: Answer = ({ books, request, ids, options }) => {
  const { id } = books.campaign(ids[0]!);
  return paged(
    siteKeys.map(key => row(books, id, key)),
    request,
    options.paging,
  );
};

const multiplier: Answer = ({ books, ids }) => ({ body: row(books, books.campaign(ids[0]!).id, ids[1]!) });

const set: Answer = ({ books, request, ids }) => {
  const { id } = books.campaign(ids[0]!);
  const coef =
    request.query.get('coef') ?? String((fieldsOf(request)['coef'] as string | number | undefined) ?? '');
  if (!/^\d+(\.\d+)?$/.test(coef)) throw invalid('coef', 'Значение «coef» должно быть числом.');
  if (exact(coef).lessThan('0.1') || exact(coef).greaterThan(10))
    throw invalid('coef', 'Значение «coef» должно быть от 0.1 до 10.');
  const key = `${id}/${ids[1]}`;
  const changed = known(books, id, ids[1]!) !== coef;
  books.coefficients.set(key, coef);
  return { status: 204, ...(changed && { effect: { type: 'coefficient', key, data: { coef } } }) };
};

const parts = (keys: string[], shares: number[], name: string): Answer => {
  return ({ books, request, ids, options }) => {
    const campaign = books.campaign(ids[0]!);
    const target = request.query.get('targetId');
    const rows = split(campaignTraffic(books, campaign, dates(request)), shares).map((part, at) => {
      const ctr = part.views === 0 ? 0 : Math.round((part.clicks * 1_000_000) / part.views) / 10_000;
      const coef = Number(known(books, campaign.id, keys[at]!));
      return { [name]: keys[at], ...spent(ofTarget(part, target)), ctr, coef };
    });
    return paged(rows, request, options.paging);
  };
};

const below = '/advertiser/campaigns/multipliers/(\\d+)';

/** The calls for campaigns, their multipliers, and the possible values of their offers. */
export const campaignRoutes: Routes = [
  [
    /^\/advertiser\/categories$/,
    { GET: ({ request, options }) => paged(categories.advertiser, request, options.paging) },
  ],
  [/^\/advertiser\/campaigns$/, { GET: list }],
  [/^\/advertiser\/campaigns\/(\d+)$/, { GET: one, PUT: change }],
  [new RegExp(`^${below}$`), { GET: parts(siteKeys, [50, 30, 20], 'site_id') }],
  [new RegExp(`^${below}/device$`), { GET: parts(devices, [30, 60, 10], 'device') }],
  [new RegExp(`^${below}/device/(desktop|mobile|tablet)$`), { PUT: set }],
  [new RegExp(`^${below}/site/?$`), { GET: multipliers }],
  [new RegExp(`^${below}/site/(\\d+s\\d+|\\d+)$`), { GET: multiplier, PUT: set }],
  [
    /^\/advertiser\/subCategories$/,
    {
      GET: ({ books, request, options }) => {
        const { category_id } = books.campaign(request.query.get('id') ?? '');
        const rows = categories.sub.filter(each => each.parent_id === category_id);
        return paged(rows, request, options.paging);
      },
    },
  ],
  [
    /^\/advertiser\/discountType\/(\d+)$/,
    {
      GET: ({ books, ids }) => {
        books.campaign(ids[0]!);
        return { body: { percent: '%', money: 'руб.' } };
      },
    },
  ],
];
