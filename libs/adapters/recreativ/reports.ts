import { money } from '#canonical';
import type { StatRow, StatSubject, StatisticsAsk } from '#canonical';
import { defineExchange, reader, segment } from '#adapter-kit';
import type { Context, Reader, WireAnswer } from '#adapter-kit';
import type { RecreativSettings } from './settings.js';
import { targetId } from './target.js';
import { contentOf } from './content.js';
import { days, get, sheetOf } from './wire.js';
import type { Paged, Sheet } from './wire.js';

type Window = Pick<StatisticsAsk, 'from' | 'to'>;
type Rows = Sheet<StatRow>;

interface AdvertiserAsk extends Window {
  byDate: boolean;
  ids?: string[];
  /** The offers of one campaign, on one day. */
  campaign?: string;
}

const filtered = (ask: AdvertiserAsk, page: number, scope?: 'offers') => {
  const { dateFrom, dateTo } = days(ask);
  const window = ask.campaign
    ? { 'filter[date]': dateFrom, 'filter[campaignId]': ask.campaign }
    : { 'filter[dateFrom]': dateFrom, 'filter[dateTo]': dateTo };
  const ids = { 'filter[id]': ask.ids?.join(',') };
  return get(
    '/advertiser/statistics',
    { scope, ...window, ...ids, groupDate: ask.byDate ? 'true' : undefined },
    page,
  );
};

/** The costs and results of campaigns; Recreativ returns the sum of the given ones. */
export const campaignStatistics = defineExchange<Paged<AdvertiserAsk>, Rows>({
  name: 'campaign-statistics',
  call: 'GET /advertiser/statistics',
  retryClass: 'read',
  request: ask => filtered(ask, ask.page),
  read: (answer, { page, ids }, context) =>
    linesOf(answer, page, row => lineOf(row, { subject: 'campaigns', id: sole(ids) }, context)),
});

/** The same for offers. */
export const offerStatistics = defineExchange<Paged<AdvertiserAsk>, Rows>({
  name: 'offer-statistics',
  call: 'GET /advertiser/statistics?scope=offers',
  retryClass: 'read',
  request: ask => filtered(ask, ask.page, 'offers'),
  read: (answer, { page, ids }, context) =>
    linesOf(answer, page, row => lineOf(row, { subject: 'offers', id: sole(ids) }, context)),
});

/** The query of sites or blocks. */
export interface WebmasterAsk extends Window {
  subject: 'sites' | 'blocks';
  siteIds?: string[];
  blockIds?: string[];
}

/** The earnings of sites and blocks, by day. */
export const webmasterStatistic = defineExchange<Paged<WebmasterAsk>, Rows>({
  name: 'webmaster-statistic',
  call: 'GET /webmaster/statistic',
  retryClass: 'read',
  request: ask => {
    const lists = { siteIds: ask.siteIds?.join(','), blockIds: ask.blockIds?.join(',') };
    return get('/webmaster/statistic', { ...days(ask), ...lists }, ask.page);
  },
  read: (answer, { page, subject, siteIds, blockIds }, context) => {
    const id = sole(subject === 'sites' ? siteIds : blockIds);
    return linesOf(answer, page, row => lineOf(row, { subject, id, earned: true }, context));
  },
});

interface CampaignAsk extends Window {
  campaign: string;
  target?: string;
}

const ofCampaign = (subject: 'sites' | 'devices', tail: string, key: string) =>
  defineExchange<Paged<CampaignAsk>, Rows>({
    name: `campaign-${subject}`,
    call: `GET /advertiser/campaigns/multipliers/{campaign}${tail}`,
    retryClass: 'read',
    request: ask => {
      const path = `/advertiser/campaigns/multipliers/${segment(ask.campaign)}${tail}`;
      return get(path, { ...days(ask), targetId: targetId(ask.target) }, ask.page);
    },
    read: (answer, { page }, context) =>
      linesOf(answer, page, row => lineOf(row, { subject, id: row.at(key).text() }, context)),
  });

/** The sites on which a campaign was shown, with their multipliers. */
export const campaignSites = ofCampaign('sites', '', 'site_id');
/** The devices on which a campaign was shown, with their multipliers. */
export const campaignDevices = ofCampaign('devices', '/device', 'device');

// A total may be a single object: a list is not documented.
function linesOf(answer: WireAnswer, page: number, read: (row: Reader) => StatRow): Rows {
  const content = contentOf(answer);
  const total = reader(content).at('views').present;
  return sheetOf(total ? { ...answer, format: 'json', body: [content] } : answer, page, read);
}

// Rows have no id: their subject is only known if exactly one was requested.
const sole = (ids: string[] | undefined): string | undefined => (ids?.length === 1 ? ids[0] : undefined);

interface Line {
  subject: StatSubject;
  id?: string;
  /** `money` is the earnings of a site, not the costs of an advertiser. */
  earned?: true;
}

function lineOf(
  row: Reader,
  { subject, id, earned }: Line,
  { settings: { currency } }: Context<RecreativSettings>,
): StatRow {
  const sum = (name: string) => {
    const amount = row.at(name).decimal();
    return amount === undefined ? undefined : money(amount, currency);
  };
  return {
    subject,
    subjectId: id,
    // As sent by Recreativ, a valid date or not.
    date: row.at('date').text(),
    views: row.at('views').whole(),
    clicks: row.at('clicks').whole(),
    conversions: row.at('orders').whole(),
    ...(earned ? { revenue: sum('money') } : { spend: sum('money') }),
    ctr: row.at('ctr').decimal(),
    cpm: sum('cpm'),
    cpc: sum('cpc'),
    cpo: sum('cpo'),
    cr: row.at('cr').decimal(),
    coefficient: row.at('coef').decimal(),
  };
}
