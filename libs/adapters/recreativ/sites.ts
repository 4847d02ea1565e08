import { defineExchange, segment } from '#adapter-kit';
import type { ExtensionAsk } from '#adapter-kit';
import { RecreativBlock, RecreativCategory, readSite } from './models.js';
import type { RecreativSite } from './models.js';
import { siteStatusId } from './queries.js';
import type { RecreativCategoriesQuery, RecreativSitesQuery, RecreativWindow } from './queries.js';
import { readAs } from './answer-fields.js';
import { expandedOf, get, objectOf, sheetOf, windowOf } from './wire.js';
import type { Paged, Sheet } from './wire.js';

/** The categories of sites, or of campaigns. */
export const categories = defineExchange<
  Paged<ExtensionAsk<RecreativCategoriesQuery>>,
  Sheet<RecreativCategory>
>({
  name: 'categories',
  call: 'GET /webmaster/categories, GET /advertiser/categories',
  retryClass: 'read',
  request: ({ query, page }) => get(`/${query.scope}/categories`, {}, page),
  read: (answer, { page }) => sheetOf(answer, page, row => readAs(RecreativCategory, row)),
});

/** The account's sites. */
export const sites = defineExchange<Paged<ExtensionAsk<RecreativSitesQuery>>, Sheet<RecreativSite>>({
  name: 'sites',
  call: 'GET /webmaster/sites',
  retryClass: 'read',
  request: ({ query, page }) =>
    get('/webmaster/sites', { ...windowOf(query), status: siteStatusId(query?.status) }, page),
  read: (answer, { page }) => sheetOf(answer, page, readSite),
});

/** One site. */
export const site = defineExchange<ExtensionAsk<RecreativWindow>, RecreativSite>({
  name: 'site',
  call: 'GET /webmaster/sites/{id}',
  retryClass: 'read',
  request: ({ params, query }) => get(`/webmaster/sites/${segment(params['id']!)}`, windowOf(query)),
  read: (answer, { params }) => readSite(objectOf(answer, params['id']!)),
});

/** The blocks of a site. */
export const siteBlocks = defineExchange<ExtensionAsk, RecreativBlock[]>({
  name: 'site-blocks',
  call: 'GET /webmaster/sites/{id}?expand=blocks',
  retryClass: 'read',
  request: ({ params }) => get(`/webmaster/sites/${segment(params['id']!)}`, { expand: 'blocks' }),
  read: (answer, { params }) =>
    expandedOf(answer, 'blocks', params['id']!).map(row => readAs(RecreativBlock, row)),
});

/** One block. */
export const block = defineExchange<ExtensionAsk, RecreativBlock>({
  name: 'block',
  call: 'GET /webmaster/blocks/{id}',
  retryClass: 'read',
  request: ({ params }) => get(`/webmaster/blocks/${segment(params['id']!)}`),
  read: (answer, { params }) => readAs(RecreativBlock, objectOf(answer, params['id']!)),
});
