import type { ConversionData, LeadAsk, LeadData, Page, PageAsk, ProviderRefs } from '#canonical';
import { Refusal, leadStatuses, refusalAt } from '#canonical';
import { defineExchange, inconclusive, send, steps } from '#adapter-kit';
import type { PlanRun, Reader, Reconcile, ReconcileContext, Verdict } from '#adapter-kit';
import { bodyAbout, bodyOf, listOf, needRows } from './body.js';
import { pageOf, pageQuery, refuseDates } from './pages.js';
import { embedErrors, embedRead, federation, federationId } from './request.js';

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
  read: (answer, ask) => pageOf(bodyAbout(answer, ask.refs), 'leads', ask, leadOf),
});

/** The same for reconciliation: the leads, and the number of rows without an id or a state, any of which may be the wanted one. */
export const findLeads = defineExchange<LeadsAsk, Page<LeadData> & { odd: number }>({
  ...listLeads,
  name: 'find-leads',
  call: 'GET /embed/v1/data/leads/{user_id} (reconcile)',
  read: (answer, ask, context) => {
    const rows = needRows(bodyOf(answer).at('leads'));
    const clear = rows.filter(row => idOf(row) !== undefined && row.at('status').text() !== undefined);
    return { ...listLeads.read(answer, ask, context), odd: rows.length - clear.length };
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

const statusOf = (word: string | undefined): LeadData['status'] | undefined =>
  leadStatuses.find(status => status === word?.trim().toLowerCase());

/** The leads of a person without personal data. */
export interface KnownLeads {
  ids: string[];
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
  errors: embedErrors,
  request: ({ refs, status, size = PAGE }, context) =>
    listLeads.request({ refs, status, limit: size }, context),
  read: (answer, { refs, size }) => {
    const body = bodyAbout(answer, refs);
    const list = body.at('leads');
    const rows = listOf(list);
    const ids = rows.flatMap(row => idOf(row) ?? []);
    // A row without an id, or a value that is neither a list nor null, counts as one unknown lead; it must not prevent the new lead.
    const readable = rows.length > 0 || list.value === null || Array.isArray(list.value);
    const atLeast = readable && rows.length === ids.length ? undefined : Math.max(rows.length, 1);
    return { ids, total: totalOf(body.at('pagination'), rows.length) ?? atLeast, ...(size && { size }) };
  },
});

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
      if (!(error instanceof Refusal) || !error.members.provider) throw error;
      // Also where the status stands inside a 200.
      if (!/^http-4(00|22)$/.test(error.members.provider.code ?? '')) return undefined;
    }
  }
  return undefined;
}

/** Submits a lead, with our operation's id as `metadata.ref`, although Recca never returns it. */
export const addLead = defineExchange<LeadAsk, LeadData>({
  name: 'add-lead',
  call: 'POST /federation/v1/leads',
  retryClass: 'reconcilable',
  request: ({ referrer, contact, offerId, metadata }, { operationId }) => {
    const { name, email, phone } = contact;
    const allMetadata = { ...metadata, ...(operationId ? { ref: operationId } : {}) };
    return federation('/leads', {
      referrer_user_id: federationId(referrer, '/referrerCustomerId'),
      contact: { name, ...(email !== undefined && { email }), ...(phone !== undefined && { phone }) },
      ...(offerId !== undefined && { offer_id: offerId }),
      ...(Object.keys(allMetadata).length > 0 && { metadata: allMetadata }),
    });
  },
  read: (answer, { contact }) => {
    const body = bodyOf(answer);
    const providerStatus = body.at('status').text();
    return {
      providerRef: body.at('lead_id').needId(),
      // A lead just submitted is new, unless Recca says otherwise.
      status: providerStatus === undefined ? 'new' : (statusOf(providerStatus) ?? 'other'),
      providerStatus,
      contactName: contact.name,
    };
  },
});

/** Reads the existing leads, then submits the new one. */
export const createLead = steps(addLead, function* (ask: LeadAsk) {
  federationId(ask.referrer, '/referrerCustomerId');
  if (ask.metadata?.['ref'] !== undefined)
    throw refusalAt(
      '/metadata/ref',
      '`metadata.ref` is reserved: the gateway sends the operation’s id in it.',
    );
  if (ask.referrer['tenantReccaId']) yield* recordLeads(ask.referrer, 'all');
  return yield* send(addLead, ask);
});

/** Nothing can be compared with what there is now. */
export const notRecorded = inconclusive('The leads that existed before were not recorded.');

/** Searches the referrer's leads for a new one: a name is weak evidence, and a person decides. */
export const leadsByReferrer: Reconcile<LeadAsk, LeadData> = {
  strategy: 'leads-by-referrer',
  *run(ask: LeadAsk, { before }: ReconcileContext): PlanRun<Verdict<LeadData>> {
    const known = before[knownLeads.name] as KnownLeads | undefined;
    if (!known) return notRecorded;
    const pages = { refs: ask.referrer, limit: known.size ?? PAGE };
    const { data, next, odd } = yield* send(findLeads, pages);
    const rest = next ? yield* send(findLeads, { ...pages, cursor: next }) : undefined;
    const fresh = data.filter(lead => lead.providerRef && !known.ids.includes(lead.providerRef));
    const [found, another] = fresh.filter(lead => lead.contactName === ask.contact.name);
    if (found && !another) return { verdict: 'executed', result: found, evidence: 'weak' };
    if (fresh.length > 0 || odd > 0)
      return inconclusive('There are new leads, but none of them is certainly this one.');
    if (rest && (rest.next || rest.data.length + rest.odd > 0))
      return inconclusive('The referrer has more leads than one page shows.');
    return { verdict: 'absent', evidence: 'weak' };
  },
};
