import { readRange } from '#canonical';
import { defineExchange, segment } from '#adapter-kit';
import type { ExtensionAsk } from '#adapter-kit';
import { RecreativBlock, RecreativCategory, readSite } from './models.js';
import type { RecreativSite } from './models.js';
import { siteStatusId } from './queries.js';
import type { RecreativCategoriesQuery, RecreativSitesQuery, RecreativWindow } from './queries.js';
import { readAs } from './answer-fields.js';
import { days, expandedOf, get, recordOf, sheetOf } from './wire.js';
import type { Sheet } from './wire.js';

type Paged<Query = any> = ExtensionAsk<Query> & { page: number };

/** The window of a query as Recreativ's parameters. */
export const windowOf = (query: RecreativWindow | undefined) => days(readRange(query?.from, query?.to));

/** The categories of sites, or of campaigns. */
export const categories = defineExchange<Paged<RecreativCategoriesQuery>, Sheet<RecreativCategory>>({
  name: 'categories',
  call: 'GET /webmaster/categories, GET /advertiser/categories',
  retryClass: 'read',
  request: ({ query, page }) => get(`/${query.scope}/categories`, {}, page),
  read: (answer, { page }) => sheetOf(answer, page, row => readAs(RecreativCategory, row)),
});

/** The account's sites. */
export const sites = defineExchange<Paged<RecreativSitesQuery>, Sheet<RecreativSite>>({
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
  read: answer => readSite(recordOf(answer)),
});

/** The blocks of a site. */
export const siteBlocks = defineExchange<ExtensionAsk, RecreativBlock[]>({
  name: 'site-blocks',
  call: 'GET /webmaster/sites/{id}?expand=blocks',
  retryClass: 'read',
  request: ({ params }) => get(`/webmaster/sites/${segment(params['id']!)}`, { expand: 'blocks' }),
  read: answer => expandedOf(answer, 'blocks').map(row => readAs(RecreativBlock, row)),
});

/** One block. */
export const block = defineExchange<ExtensionAsk, RecreativBlock>({
  name: 'block',
  call: 'GET /webmaster/blocks/{id}',
  retryClass: 'read',
  request: ({ params }) => get(`/webmaster/blocks/${segment(params['id']!)}`),
  read: answer => readAs(RecreativBlock, recordOf(answer)),
});
