import { refusalAt } from '#canonical';
import type { ProviderRefs, StatRow, StatisticsAsk } from '#canonical';
import { defineExchange, send, steps } from '#adapter-kit';
import { bodyAbout } from './body.js';
import { getReferralSummary } from './cabinet.js';
import { listLeads } from './leads.js';
import { embedErrors } from './refusal.js';

/** The number of a person's converted leads, as counted by Recca. */
export const countConverted = defineExchange<{ refs: ProviderRefs }, { conversions?: number }>({
  name: 'count-converted',
  call: 'GET /embed/v1/data/leads/{user_id}?status=converted (count)',
  retryClass: 'read',
  errors: embedErrors,
  request: ({ refs }, context) => listLeads.request({ refs, status: 'converted', limit: 1 }, context),
  read: (answer, { refs }) => ({ conversions: bodyAbout(answer, refs).at('pagination', 'total').whole() }),
});

// Each person needs two calls; a report must not occupy the lane for long.
const MOST_PEOPLE = 10;

/** A row for each person of `ids`: sales and cleared bonuses of all time, since Recca has no counts by day or campaign. */
export const getStatistics = steps(countConverted, function* (ask: StatisticsAsk) {
  refuseFilters(ask);
  const rows: StatRow[] = [];
  for (const id of ask.ids ?? []) {
    const refs = { tenantReccaId: id };
    const { cleared } = yield* send(getReferralSummary, { refs });
    const { conversions } = yield* send(countConverted, { refs });
    rows.push({ subject: ask.subject, subjectId: id, conversions, revenue: cleared });
  }
  return rows;
});

function refuseFilters({ ids, from, to, groupBy, parentId, target }: StatisticsAsk): void {
  const none = 'Recca has only all-time totals and cannot filter or group them.';
  if (from || to) throw refusalAt(from ? '/query/from' : '/query/to', none, 'unsupported-field');
  if (groupBy === 'date') throw refusalAt('/query/groupBy', none, 'unsupported-field');
  if (parentId !== undefined) throw refusalAt('/query/parentId', none, 'unsupported-field');
  if (target !== undefined) throw refusalAt('/query/target', none, 'unsupported-field');
  const count = ids?.length ?? 0;
  if (count < 1 || count > MOST_PEOPLE)
    throw refusalAt(
      '/query/ids',
      `Recca’s statistics are per person: send 1 to ${MOST_PEOPLE} Recca ids (ub_…) in \`ids\`.`,
    );
}
