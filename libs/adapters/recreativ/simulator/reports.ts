import { invalid, No, paged } from './answers.js';
import type { Answer, Call, Routes } from './call.js';
import { listed } from './input.js';
import { blocks, categories, payments, sites } from './seed.js';
import { daysOf, earned, spent, sum, trafficOf } from './traffic.js';
import type { Traffic } from './traffic.js';

// The earnings of a site per click on a block, in ten-thousandths.
const CLICK = 25_000;

const statistics: Answer = call => {
  const { books, request, options } = call;
  const { query, now } = request;
  const ids = listed(query.get('filter[id]'));
  const own = books.campaigns.filter(({ owner }) => owner === books.me.id);
  let offers = books.offers.filter(({ campaignId }) => own.some(({ id }) => id === campaignId));
  let days = daysOf(query.get('filter[dateFrom]'), query.get('filter[dateTo]'), now);
  if (query.get('scope') === 'offers') {
    const [campaign, day] = [query.get('filter[campaignId]'), query.get('filter[date]')];
    if (campaign && !day) throw invalid('date', 'Необходимо заполнить «date».');
    if (day) days = daysOf(day, day, now);
    offers = offers.filter(
      each => (!ids || ids.includes(each.id)) && (!campaign || String(each.campaignId) === campaign),
    );
  } else offers = offers.filter(each => !ids || ids.includes(each.campaignId));
  const rows = days.map(date => ({
    date,
    traffic: sum(offers.map(each => trafficOf(each.id, date, each.bid))),
  }));
  const grouped = /^(true|1)$/.test(query.get('groupDate') ?? '');
  if (grouped) return paged(rows.map(line), request, options.paging);
  return { body: [{ date: null, ...spent(sum(rows.map(({ traffic }) => traffic))) }] };
};

const line = ({ date, traffic }: { date: string; traffic: Traffic }) => ({ date, ...spent(traffic) });

const blocksOf = (siteId: number) => blocks.filter(({ siteid }) => siteid === String(siteId));

const statistic: Answer = ({ request, options }) => {
  const { query, now } = request;
  const [siteIds, blockIds] = [listed(query.get('siteIds')), listed(query.get('blockIds'))];
  const shown = blocks.filter(
    ({ id, siteid }) =>
      (!siteIds || siteIds.includes(Number(siteid))) && (!blockIds || blockIds.includes(id)),
  );
  const days = daysOf(query.get('dateFrom'), query.get('dateTo'), now);
  const rows = days.map(date => ({
    date,
    ...earned(sum(shown.map(({ id }) => trafficOf(id, date, CLICK)))),
  }));
  return paged(rows, request, options.paging);
};

function siteView(site: (typeof sites)[number], { request }: Call) {
  const { query, now } = request;
  const days = daysOf(query.get('dateFrom'), query.get('dateTo'), now);
  const own = blocksOf(site.id);
  const traffic = sum(own.flatMap(({ id }) => days.map(day => trafficOf(id, day, CLICK))));
  return { ...site, blocks_count: own.length, ...earned(traffic) };
}

const oneSite: Answer = call => {
  const site = sites.find(({ id }) => String(id) === call.ids[0]);
  if (!site) throw new No(404, `Object not found: ${call.ids[0]}`);
  const view = siteView(site, call);
  return {
    body: call.request.query.get('expand') === 'blocks' ? { ...view, blocks: blocksOf(site.id) } : view,
  };
};

const oneBlock: Answer = ({ ids }) => {
  const body = blocks.find(({ id }) => String(id) === ids[0]);
  if (!body) throw new No(404, `Object not found: ${ids[0]}`);
  return { body };
};

/** The calls for webmasters, and the statistics of both sides. */
export const reportRoutes: Routes = [
  [
    /^\/webmaster\/categories$/,
    { GET: ({ request, options }) => paged(categories.webmaster, request, options.paging) },
  ],
  [
    /^\/webmaster\/sites$/,
    {
      GET: call => {
        const status = call.request.query.get('status');
        const rows = sites.filter(site => status === null || site.status === status);
        return paged(
          rows.map(site => siteView(site, call)),
          call.request,
          call.options.paging,
        );
      },
    },
  ],
  [/^\/webmaster\/sites\/(\d+)$/, { GET: oneSite }],
  [/^\/webmaster\/blocks\/(\d+)$/, { GET: oneBlock }],
  [/^\/webmaster\/statistic$/, { GET: statistic }],
  [/^\/webmaster\/payment$/, { GET: ({ request, options }) => paged(payments, request, options.paging) }],
  [/^\/advertiser\/statistics$/, { GET: statistics }],
];
