import { steps } from '#adapter-kit';
import type { Exchange, Extension, ExtensionAsk, Steps } from '#adapter-kit';
import {
  campaign,
  campaigns,
  discountTypes,
  setCampaignActive,
  subcategories,
  userCampaigns,
} from './campaigns.js';
import { me } from './customer.js';
import * as models from './models.js';
import { setDeviceMultiplier, setSiteMultiplier, siteMultiplier, siteMultipliers } from './multipliers.js';
import {
  campaignOffers,
  createOffer,
  deleteOffer,
  offer,
  offerKey,
  offersList,
  setOfferActive,
} from './offers.js';
import * as queries from './queries.js';
import { block, categories, site, siteBlocks, sites } from './sites.js';
import { everyRow } from './wire.js';
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
const all = <T>(exchange: Exchange<ExtensionAsk & { page: number }, Sheet<T>>): Steps<ExtensionAsk, T[]> =>
  steps(exchange, (ask: ExtensionAsk) => everyRow(exchange, ask));

const campaignAnswer = { answer: models.RecreativCampaign };
const multiplier = 'campaigns/{id}/multipliers';

/** The calls under `/v1/x/recreativ/`. */
export const extensions: Record<string, Extension> = {
  me: read('me', { summary: 'The account of the token', answer: models.RecreativUser, does: me }),
  userCampaigns: read('users/{id}/campaigns', {
    summary: 'Campaigns of one referral',
    ...campaignAnswer,
    list: true,
    does: userCampaigns,
  }),
  categories: read('categories', {
    summary: 'Categories of sites (webmaster) or of campaigns (advertiser)',
    query: queries.RecreativCategoriesQuery,
    answer: models.RecreativCategory,
    list: true,
    does: all(categories),
  }),
  sites: read('sites', {
    summary: 'Sites of the webmaster, with what they earned',
    query: queries.RecreativSitesQuery,
    answer: models.RecreativSite,
    list: true,
    does: all(sites),
  }),
  site: read('sites/{id}', {
    summary: 'One site',
    query: queries.RecreativWindow,
    answer: models.RecreativSite,
    does: site,
  }),
  siteBlocks: read('sites/{id}/blocks', {
    summary: 'Blocks of a site',
    answer: models.RecreativBlock,
    list: true,
    does: siteBlocks,
  }),
  block: read('blocks/{id}', { summary: 'One block', answer: models.RecreativBlock, does: block }),
  campaigns: read('campaigns', {
    summary: 'Campaigns of the advertiser, with what they cost',
    query: queries.RecreativCampaignsQuery,
    ...campaignAnswer,
    list: true,
    does: all(campaigns),
  }),
  campaign: read('campaigns/{id}', {
    summary: 'One campaign',
    query: queries.RecreativWindow,
    ...campaignAnswer,
    does: campaign,
  }),
  setCampaignActive: change('PATCH', 'campaigns/{id}', {
    summary: 'Starts or stops a campaign',
    body: queries.RecreativSwitch,
    answer: models.RecreativSwitchedCampaign,
    does: setCampaignActive,
  }),
  campaignOffers: read('campaigns/{id}/offers', {
    summary: 'Offers of a campaign',
    query: queries.RecreativOffersQuery,
    answer: models.RecreativOffer,
    list: true,
    does: campaignOffers,
  }),
  siteMultipliers: read(`${multiplier}/sites`, {
    summary: 'Multipliers of a campaign’s bid, by site',
    answer: models.RecreativMultiplier,
    list: true,
    does: all(siteMultipliers),
  }),
  siteMultiplier: read(`${multiplier}/sites/{siteKey}`, {
    summary: 'Multiplier of one site; the key is like `2222s3333`',
    answer: models.RecreativMultiplier,
    does: siteMultiplier,
  }),
  setSiteMultiplier: change('PUT', `${multiplier}/sites/{siteKey}`, {
    summary: 'Sets the multiplier of one site',
    body: queries.RecreativCoefficient,
    answer: models.RecreativMultiplierSet,
    does: setSiteMultiplier,
  }),
  setDeviceMultiplier: change('PUT', `${multiplier}/devices/{device}`, {
    summary: 'Sets the multiplier of desktop, mobile or tablet',
    body: queries.RecreativCoefficient,
    answer: models.RecreativMultiplierSet,
    does: setDeviceMultiplier,
  }),
  subcategories: read('campaigns/{id}/subcategories', {
    summary: 'Categories that an offer of the campaign may have',
    answer: models.RecreativCategory,
    list: true,
    does: all(subcategories),
  }),
  discountTypes: read('campaigns/{id}/discount-types', {
    summary: 'Kinds of discount that an offer of the campaign may name',
    does: discountTypes,
  }),
  createOffer: change('POST', 'offers', {
    summary: 'Makes an offer',
    body: queries.RecreativOfferCreate,
    answer: models.RecreativOffer,
    status: 201,
    idempotencyKey: true,
    bodyLimit: 8 * 1024 * 1024,
    reconcile: offersList,
    knownBy: offerKey,
    does: createOffer,
  }),
  offer: read('offers/{id}', {
    summary: 'One offer',
    query: queries.RecreativTargetWindow,
    answer: models.RecreativOffer,
    does: offer,
  }),
  setOfferActive: change('PATCH', 'offers/{id}', {
    summary: 'Shows an offer or takes it off',
    body: queries.RecreativSwitch,
    answer: models.RecreativSwitched,
    does: setOfferActive,
  }),
  deleteOffer: change('DELETE', 'offers/{id}', {
    summary: 'Deletes an offer; a repeat is answered like the first time',
    status: 204,
    removes: 'id',
    does: deleteOffer,
  }),
};
