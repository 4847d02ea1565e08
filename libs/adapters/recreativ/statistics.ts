import { refusalAt, utcDay } from '#canonical';
import type { StatRow, StatisticsAsk } from '#canonical';
import { steps } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import { everyRow } from './every-row.js';
import {
  campaignDevices,
  campaignSites,
  campaignStatistics,
  offerStatistics,
  webmasterStatistic,
} from './reports.js';
import type { WebmasterAsk } from './reports.js';

/** A report about one subject, from the side (advertiser or webmaster) that has it. */
export const getStatistics = steps(campaignStatistics, function* (ask: StatisticsAsk): PlanRun<StatRow[]> {
  const { from, to, ids, parentId } = ask;
  const byDate = ask.groupBy === 'date';
  switch (ask.subject) {
    case 'campaigns':
      refuse(ask, 'parentId', 'target');
      return yield* everyRow(campaignStatistics, { from, to, byDate, ids: numbers(ids) });
    case 'offers':
      return yield* offers(ask);
    case 'blocks':
      refuse(ask, 'target');
      return yield* everyRow(webmasterStatistic, webmasterAsk(ask));
    case 'sites':
      if (parentId !== undefined) return yield* below(campaignSites, ask);
      refuse(ask, 'target');
      return yield* everyRow(webmasterStatistic, webmasterAsk(ask));
    case 'devices':
      return yield* below(campaignDevices, ask);
  }
});

const webmasterAsk = ({ subject, from, to, ids, parentId }: StatisticsAsk): WebmasterAsk =>
  subject === 'sites'
    ? { subject, from, to, siteIds: numbers(ids) }
    : {
        subject: 'blocks',
        from,
        to,
        blockIds: numbers(ids),
        siteIds: parentId ? parent(parentId) : undefined,
      };

// `filter[id]` of offers is documented as one number, so each id needs a call.
const MOST_OFFERS = 10;

function* offers(ask: StatisticsAsk): PlanRun<StatRow[]> {
  refuse(ask, 'target');
  const { from, to, parentId } = ask;
  const [campaign] = parentId === undefined ? [] : parent(parentId);
  if (campaign && (!from || !to || utcDay(from) !== utcDay(to)))
    throw refusalAt(
      '/query/from',
      'Recreativ reports the offers of a campaign for one day only: `from` and `to` must be the same.',
    );
  const ids = numbers(ask.ids) ?? [undefined];
  if (ids.length > MOST_OFFERS)
    throw refusalAt('/query/ids', `Recreativ reports one offer at a time; send at most ${MOST_OFFERS} ids.`);
  const rows: StatRow[] = [];
  for (const id of ids) {
    const one = {
      from,
      to,
      byDate: ask.groupBy === 'date',
      campaign,
      ids: id === undefined ? undefined : [id],
    };
    rows.push(...(yield* everyRow(offerStatistics, one)));
  }
  return rows;
}

function* below(exchange: typeof campaignSites, ask: StatisticsAsk): PlanRun<StatRow[]> {
  const { from, to, ids, parentId, target } = ask;
  if (parentId === undefined)
    throw refusalAt(
      '/query/parentId',
      'Recreativ reports devices per campaign: send the campaign’s id in `parentId`.',
    );
  if (ask.groupBy === 'date')
    throw refusalAt('/query/groupBy', 'Recreativ does not split this report by day.', 'unsupported-field');
  const rows = yield* everyRow(exchange, { campaign: parent(parentId)[0]!, from, to, target });
  return ids ? rows.filter(({ subjectId }) => subjectId !== undefined && ids.includes(subjectId)) : rows;
}

function refuse(ask: StatisticsAsk, ...names: ('parentId' | 'target')[]): void {
  const name = names.find(each => ask[each] !== undefined);
  if (name)
    throw refusalAt(
      `/query/${name}`,
      `Recreativ’s report on ${ask.subject} does not have this filter.`,
      'unsupported-field',
    );
}

const isNumber = (id: string): boolean => /^\d{1,18}$/.test(id);

function numbers(ids: string[] | undefined): string[] | undefined {
  if (ids && !ids.every(isNumber)) throw refusalAt('/query/ids', 'Recreativ’s ids are whole numbers.');
  return ids?.length ? ids : undefined;
}

function parent(id: string): string[] {
  if (!isNumber(id)) throw refusalAt('/query/parentId', 'Recreativ’s ids are whole numbers.');
  return [id];
}
