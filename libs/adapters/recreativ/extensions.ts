import { segment, steps } from '#adapter-kit';
import type { Exchange, Extension, ExtensionAsk, Steps } from '#adapter-kit';
import { absolute } from './absolute.js';
import {
  campaign,
  campaignSwitchSeen,
  campaigns,
  discountTypes,
  setCampaignActive,
  subcategories,
  userCampaigns,
} from './campaigns.js';
import { me } from './customer.js';
import { everyRow } from './every-row.js';
import * as models from './models.js';
import {
  deviceMultiplierSeen,
  setDeviceMultiplier,
  setSiteMultiplier,
  siteMultiplier,
  siteMultiplierSeen,
  siteMultipliers,
} from './multipliers.js';
import {
  campaignOffers,
  createOffer,
  deleteOffer,
  offer,
  offerGone,
  offerKey,
  offerSwitchSeen,
  offersList,
  setOfferActive,
} from './offers.js';
import * as queries from './queries.js';
import { block, categories, site, siteBlocks, sites } from './sites.js';
import type { Sheet } from './wire.js';

type Options = Pick<Extension, 'summary' | 'does'> & Partial<Extension>;

const read = (path: string, options: Options): Extension => ({
  method: 'GET',
  path,
  laneClass: 'bulk',
  ...options,
});
const change = (method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, options: Options): Extension => ({
  method,
  path,
  laneClass: 'interactive',
  ...options,
});

/** A list to its last page. */
const all = <T extends object>(
  exchange: Exchange<ExtensionAsk & { page: number }, Sheet<T>>,
): Steps<ExtensionAsk, T[]> => steps(exchange, (ask: ExtensionAsk) => everyRow(exchange, ask));

const campaignAnswer = { answer: models.RecreativCampaign };
const byId = ({ params }: ExtensionAsk): string => params['id']!;
const multiplier = 'campaigns/{id}/multipliers';

/** The calls under `/v1/x/recreativ/`. */
export const extensions: Record<string, Extension> = {
  me: read('me', {
    summary: 'Read the account that the token belongs to',
    answer: models.RecreativUser,
    does: me,
  }),
  userCampaigns: read('users/{id}/campaigns', {
    summary: 'List the campaigns of one referral',
    ...campaignAnswer,
    list: true,
    does: userCampaigns,
  }),
  categories: read('categories', {
    summary: 'List the categories of sites (webmaster) or of campaigns (advertiser)',
    query: queries.RecreativCategoriesQuery,
    answer: models.RecreativCategory,
    list: true,
    does: all(categories),
  }),
  sites: read('sites', {
    summary: 'List the webmaster’s sites and their earnings',
    query: queries.RecreativSitesQuery,
    answer: models.RecreativSite,
    list: true,
    does: all(sites),
  }),
  site: read('sites/{id}', {
    summary: 'Read a site',
    query: queries.RecreativWindow,
    answer: models.RecreativSite,
    does: site,
  }),
  siteBlocks: read('sites/{id}/blocks', {
    summary: 'List the blocks of a site',
    answer: models.RecreativBlock,
    list: true,
    does: siteBlocks,
  }),
  block: read('blocks/{id}', { summary: 'Read a block', answer: models.RecreativBlock, does: block }),
  campaigns: read('campaigns', {
    summary: 'List the advertiser’s campaigns and their costs',
    query: queries.RecreativCampaignsQuery,
    ...campaignAnswer,
    list: true,
    does: all(campaigns),
  }),
  campaign: read('campaigns/{id}', {
    summary: 'Read a campaign',
    query: queries.RecreativWindow,
    ...campaignAnswer,
    does: campaign,
  }),
  setCampaignActive: change('PATCH', 'campaigns/{id}', {
    summary: 'Start or stop a campaign',
    body: queries.RecreativSwitch,
    answer: models.RecreativSwitchedCampaign,
    knownBy: byId,
    ...absolute(setCampaignActive, campaignSwitchSeen),
  }),
  campaignOffers: read('campaigns/{id}/offers', {
    summary: 'List the offers of a campaign',
    query: queries.RecreativOffersQuery,
    answer: models.RecreativOffer,
    list: true,
    does: campaignOffers,
  }),
  siteMultipliers: read(`${multiplier}/sites`, {
    summary: 'List the multipliers of a campaign’s bid, by site',
    answer: models.RecreativMultiplier,
    list: true,
    does: all(siteMultipliers),
  }),
  siteMultiplier: read(`${multiplier}/sites/{siteKey}`, {
    summary: 'Read the multiplier of one site; its key looks like `2222s3333`',
    answer: models.RecreativMultiplier,
    does: siteMultiplier,
  }),
  setSiteMultiplier: change('PUT', `${multiplier}/sites/{siteKey}`, {
    summary: 'Set the multiplier of one site',
    body: queries.RecreativCoefficient,
    answer: models.RecreativMultiplierSet,
    knownBy: ({ params: { id, siteKey } }) => `${id} ${siteKey}`,
    ...absolute(setSiteMultiplier, siteMultiplierSeen),
  }),
  setDeviceMultiplier: change('PUT', `${multiplier}/devices/{device}`, {
    summary: 'Set the multiplier of desktop, mobile or tablet',
    body: queries.RecreativCoefficient,
    answer: models.RecreativMultiplierSet,
    knownBy: ({ params: { id, device } }) => `${id} ${device}`,
    ...absolute(setDeviceMultiplier, deviceMultiplierSeen),
  }),
  subcategories: read('campaigns/{id}/subcategories', {
    summary: 'List the categories for offers of the campaign',
    answer: models.RecreativCategory,
    list: true,
    does: all(subcategories),
  }),
  discountTypes: read('campaigns/{id}/discount-types', {
    summary: 'List the kinds of discount for offers of the campaign',
    does: discountTypes,
  }),
  createOffer: change('POST', 'offers', {
    summary: 'Create an offer',
    body: queries.RecreativOfferCreate,
    answer: models.RecreativOffer,
    status: 201,
    idempotencyKey: true,
    bodyLimit: 8 * 1024 * 1024,
    reconcile: offersList,
    knownBy: offerKey,
    madeAt: ({ id }: { id: string }) => `offers/${segment(id)}`,
    creates: 'id',
    does: createOffer,
  }),
  offer: read('offers/{id}', {
    summary: 'Read an offer',
    query: queries.RecreativTargetWindow,
    answer: models.RecreativOffer,
    does: offer,
  }),
  setOfferActive: change('PATCH', 'offers/{id}', {
    summary: 'Show or hide an offer',
    body: queries.RecreativSwitch,
    answer: models.RecreativSwitched,
    knownBy: byId,
    ...absolute(setOfferActive, offerSwitchSeen),
  }),
  deleteOffer: change('DELETE', 'offers/{id}', {
    summary: 'Delete an offer; a repeat gets the same answer',
    status: 204,
    removes: 'id',
    ...absolute(deleteOffer, offerGone),
  }),
};
