import type { ConversionData, LeadData, Page, PageAsk, ProviderRefs } from '#canonical';
import { Refusal, leadStatuses, refusalAt } from '#canonical';
import { Unanswered, defineExchange, send, unprovable } from '#adapter-kit';
import type { PlanRun, Reader } from '#adapter-kit';
import { bodyAbout, listOf, needRows } from './body.js';
import { pageOf, pageQuery, refuseDates } from './pages.js';
import { embedErrors, originErrors } from './refusal.js';
import { embedRead } from './request.js';

type LeadsAsk = PageAsk & { refs?: ProviderRefs; status?: string };

/** Leads of one person. */
export const listLeads = defineExchange<LeadsAsk, Page<LeadData>>({
  name: 'list-leads',
  call: 'GET /embed/v1/data/leads/{user_id}',
  retryClass: 'read',
  errors: embedErrors,
  request: ask => {
    refuseDates(ask);
    if (ask.status === 'other')
      throw refusalAt('/query/status', 'Recca filters only by new, processed, converted or rejected.');
    return embedRead('leads', ask.refs, { status: ask.status ?? 'all', ...pageQuery(ask) });
  },
  // A lead without an id cannot be shown: it would be another one each time.
  read: (answer, ask) =>
    pageOf(bodyAbout(answer, ask.refs), 'leads', ask, row => (idOf(row) ? leadOf(row) : undefined)),
});

/** The same for reconciliation: the leads, and the number of rows without an id or a state, any of which may be the wanted one. */
export const findLeads = defineExchange<LeadsAsk, Page<LeadData> & { odd: number }>({
  ...listLeads,
  name: 'find-leads',
  call: 'GET /embed/v1/data/leads/{user_id} (reconcile)',
  read: (answer, ask) => {
    const body = bodyAbout(answer, ask.refs);
    const rows = needRows(body.at('leads'));
    const clear = rows.filter(row => idOf(row) !== undefined && row.at('status').text() !== undefined);
    return { ...pageOf(body, 'leads', ask, leadOf), odd: rows.length - clear.length };
  },
});

/** The converted leads of one person; Recca has no list of conversions. */
export const listConversions = defineExchange<PageAsk & { refs?: ProviderRefs }, Page<ConversionData>>({
  name: 'list-converted-leads',
  call: 'GET /embed/v1/data/leads/{user_id}?status=converted',
  retryClass: 'read',
  errors: embedErrors,
  request: (ask, context) => listLeads.request({ ...ask, status: 'converted' }, context),
  read: (answer, ask, context) => {
    const { data, ...page } = listLeads.read(answer, ask, context);
    // A server that ignores the filter must not turn new leads into sales.
    const converted = data.filter(({ status }) => status === 'converted');
    return {
      ...page,
      data: converted.map(({ providerRef, providerStatus }) => ({
        leadRef: providerRef,
        status: 'approved',
        providerStatus,
      })),
    };
  },
});

function leadOf(row: Reader): LeadData {
  const providerStatus = row.at('status').text();
  return {
    providerRef: idOf(row),
    status: statusOf(providerStatus) ?? 'other',
    providerStatus,
    contactName: row.at('contact_name').text(),
    relativeTime: row.at('relative_time').text(),
  };
}

const idOf = (row: Reader): string | undefined => row.at('id').text() ?? row.at('lead_id').text();

/** Recca's word for the state of a lead, if it is one of ours. */
export const statusOf = (word: string | undefined): LeadData['status'] | undefined =>
  leadStatuses.find(status => status === word?.trim().toLowerCase());

/** The leads of a person without personal data. */
export interface KnownLeads {
  ids: string[];
  /** Those that were listed although they have another status than the requested one. */
  others?: string[];
  /** The total, as counted by Recca. */
  total?: number;
  /** The size of the page, where Recca refused the usual one. */
  size?: number;
}

interface KnownAsk {
  refs: ProviderRefs;
  status: string;
  size?: number;
}

/** The ids of a person's latest leads before a new one is submitted; no name is stored. */
export const knownLeads = defineExchange<KnownAsk, KnownLeads>({
  name: 'known-leads',
  call: 'GET /embed/v1/data/leads/{user_id} (before)',
  retryClass: 'read',
  // Whomever it does not find, the write goes to another API, which decides about it.
  errors: originErrors,
  request: ({ refs, status, size = PAGE }, context) =>
    listLeads.request({ refs, status, limit: size }, context),
  read: (answer, { refs, status, size }) => {
    const body = bodyAbout(answer, refs);
    const list = body.at('leads');
    const rows = listOf(list);
    // A server may ignore the filter.
    const isOther = (row: Reader) =>
      status !== 'all' && (statusOf(row.at('status').text()) ?? status) !== status;
    const ids = idsOf(rows.filter(row => !isOther(row)));
    const others = idsOf(rows.filter(isOther));
    // A row without an id, or a value that is neither a list nor null, counts as one unknown lead; it must not prevent the new lead.
    const readable = rows.length > 0 || list.value === null || Array.isArray(list.value);
    const atLeast = readable && rows.length === ids.length ? undefined : Math.max(rows.length, 1);
    return {
      ids,
      ...(others.length > 0 && { others }),
      total: totalOf(body.at('pagination'), rows.length) ?? atLeast,
      ...(size && { size }),
    };
  },
});

const idsOf = (rows: Reader[]): string[] => rows.flatMap(row => idOf(row) ?? []);

// One that contradicts its page is none: it may count only the rows of a page that is smaller than requested.
function totalOf(pagination: Reader, rows: number): number | undefined {
  const total = pagination.at('total').whole();
  const pages = pagination.at('total_pages').whole();
  const size = pagination.at('page_size').whole() ?? Infinity;
  const goesOn = rows > 0 && (pages ? pages > 1 : rows >= size);
  return total === undefined || total < rows || (total === rows && goesOn) ? undefined : total;
}

/** The usual size of a page. */
export const PAGE = 100;
// The largest one that Recca's document shows.
const SHOWN_PAGE = 20;

/** Reads a person's leads before a write, in smaller pages if Recca calls the request invalid. If it refuses for another reason, or these too, the write is sent without: it goes to another API, which decides about it. */
export function* recordLeads(refs: ProviderRefs, status: string): PlanRun<KnownLeads | undefined> {
  for (const size of [undefined, SHOWN_PAGE]) {
    try {
      return yield* send(knownLeads, { refs, status, ...(size && { size }) });
    } catch (error) {
      // It would be the same each time.
      if (error instanceof Unanswered && error.why.noCall) return undefined;
      if (!(error instanceof Refusal) || !error.members.provider) throw error;
      // Also where the status stands inside a 200.
      if (!/^http-4(00|22)$/.test(error.members.provider.code ?? '')) return undefined;
    }
  }
  return undefined;
}

/** Nothing can be compared with what there is now. */
export const notRecorded = unprovable('The leads that existed before were not recorded.');
