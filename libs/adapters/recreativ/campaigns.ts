import { Unreadable, defineExchange, reader, segment } from '#adapter-kit';
import type { ExtensionAsk, PlanRun, Reader, WireAnswer } from '#adapter-kit';
import { sendIfThere } from './absolute.js';
import type { Sight, Told } from './absolute.js';
import { RecreativCampaign, RecreativCategory, RecreativSwitchedCampaign } from './models.js';
import type { RecreativSwitched } from './models.js';
import { campaignTypeId } from './queries.js';
import type {
  RecreativCampaignsQuery,
  RecreativOffersQuery,
  RecreativSwitch,
  RecreativWindow,
} from './queries.js';
import { customerErrors } from './refusal.js';
import { targetId } from './target.js';
import { readAs } from './answer-fields.js';
import { requireAcknowledgement } from './acknowledgement.js';
import { contentOf } from './content.js';
import { expandedOf, get, objectOf, recordOf, requireId, sheetOf, windowOf } from './wire.js';
import type { Paged, Sheet } from './wire.js';

/** The path of one campaign. */
export const campaignPath = (id: string | undefined): string => `/advertiser/campaigns/${segment(id!)}`;

/** The common filters of campaigns and their offers. */
export const filtersOf = (query: RecreativOffersQuery | undefined) => ({
  ...windowOf(query),
  type: campaignTypeId(query?.type),
  // 0 = yes, 1 = no, as documented: the opposite of what one expects.
  archived: query?.archived === undefined ? undefined : query.archived ? '0' : '1',
  targetId: targetId(query?.target),
});

/** The account's campaigns. */
export const campaigns = defineExchange<
  Paged<ExtensionAsk<RecreativCampaignsQuery>>,
  Sheet<RecreativCampaign>
>({
  name: 'campaigns',
  call: 'GET /advertiser/campaigns',
  retryClass: 'read',
  request: ({ query, page }) =>
    get('/advertiser/campaigns', { ...filtersOf(query), 'filter[id]': query?.ids?.join(',') }, page),
  read: (answer, { page }) => sheetOf(answer, page, row => readAs(RecreativCampaign, row)),
});

/** One campaign. */
export const campaign = defineExchange<ExtensionAsk<RecreativWindow>, RecreativCampaign>({
  name: 'campaign',
  call: 'GET /advertiser/campaigns/{id}',
  retryClass: 'read',
  request: ({ params, query }) => get(campaignPath(params['id']), windowOf(query)),
  read: (answer, { params }) => readAs(RecreativCampaign, objectOf(answer, params['id']!)),
});

/** The campaigns of one referral. */
export const userCampaigns = defineExchange<ExtensionAsk, RecreativCampaign[]>({
  name: 'user-campaigns',
  call: 'GET /advertiser/users/{id}?expand=campaigns',
  retryClass: 'read',
  errors: customerErrors,
  request: ({ params }) => get(`/advertiser/users/${segment(params['id']!)}`, { expand: 'campaigns' }),
  read: (answer, { params }) =>
    expandedOf(answer, 'campaigns', params['id']!).map(row => readAs(RecreativCampaign, row)),
});

function requireSwitched(row: Reader, { params, body }: ExtensionAsk<unknown, RecreativSwitch>): void {
  requireId(row.at('id'), params['id']!);
  const active = row.at('active').flag();
  // A 2xx means to clients that nothing is left to do, while a campaign that was not stopped goes on spending.
  if (active !== undefined && active !== body.active) throw new Unreadable('/active', 'is not what was sent');
}

/** Reads the answer to a switch; its values, if any, must be those that were sent. */
export function switched(
  answer: WireAnswer,
  ask: ExtensionAsk<unknown, RecreativSwitch>,
): Told<RecreativSwitched> {
  requireAcknowledgement(answer);
  const row = reader(contentOf(answer));
  requireSwitched(row, ask);
  return {
    result: {
      id: ask.params['id']!,
      active: ask.body.active,
      ...(answer.status === 304 && { modified: false }),
    },
    // 202 = it will be done, and 304 = a copy is current: neither says that it is done.
    sure: row.at('active').flag() !== undefined && answer.status !== 202,
  };
}

/** What an object that is switched on or off shows of a switch. */
export function switchSeen<Row extends { id: string; active?: boolean | null }>(
  row: Row | null,
  { body }: ExtensionAsk<unknown, RecreativSwitch>,
): Sight<Row & { active: boolean }> {
  if (!row) return { is: 'undone' };
  if (row.active == null) return { is: 'hidden' };
  return row.active === body.active
    ? { is: 'done', result: { ...row, active: row.active } }
    : { is: 'undone' };
}

/** Starts or stops a campaign; documented is the campaign as the answer. */
export const setCampaignActive = defineExchange<
  ExtensionAsk<unknown, RecreativSwitch>,
  Told<RecreativSwitchedCampaign | RecreativSwitched>
>({
  name: 'set-campaign-active',
  call: 'PUT /advertiser/campaigns/{id}',
  retryClass: 'absolute',
  accepts: [304],
  request: ({ params, body }) => ({
    method: 'PUT',
    path: campaignPath(params['id']),
    json: { active: body.active },
  }),
  read: (answer, ask) => {
    const told = switched(answer, ask);
    if (answer.format === 'empty') return told;
    return { ...told, result: readAs(RecreativSwitchedCampaign, recordOf(answer)) };
  },
});

/** Reads whether a campaign runs as was wished. */
export function* campaignSwitchSeen(
  ask: ExtensionAsk<unknown, RecreativSwitch>,
): PlanRun<Sight<RecreativSwitchedCampaign>> {
  return switchSeen(yield* sendIfThere(campaign, ask), ask);
}

/** The categories for offers of the campaign. */
export const subcategories = defineExchange<Paged<ExtensionAsk>, Sheet<RecreativCategory>>({
  name: 'subcategories',
  call: 'GET /advertiser/subCategories?id=',
  retryClass: 'read',
  request: ({ params, page }) => get('/advertiser/subCategories', { id: params['id'] }, page),
  read: (answer, { page }) => sheetOf(answer, page, row => readAs(RecreativCategory, row)),
});

/** The kinds of discount for offers of the campaign; their fields are not documented. */
export const discountTypes = defineExchange<ExtensionAsk, unknown>({
  name: 'discount-types',
  call: 'GET /advertiser/discountType/{campaign}',
  retryClass: 'read',
  request: ({ params }) => get(`/advertiser/discountType/${segment(params['id']!)}`),
  read: answer => {
    const content = contentOf(answer);
    if (typeof content === 'object' && content !== null) return content;
    throw new Unreadable('', 'is not an object or a list');
  },
});

/** The rows that `expand=offers` adds to a campaign. */
export const offerRows = (answer: WireAnswer, campaignId: string) => expandedOf(answer, 'offers', campaignId);
