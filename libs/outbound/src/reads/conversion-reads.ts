import type { Conversion, ConversionData, Page } from '#canonical';
import { supportFor } from '../connections/capability.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { conversionView } from '../kinds/conversion.kind.js';
import { syncLeads } from './lead-reads.js';
import { syncRecords, recordIds } from './provider-records.js';
import type { ProviderRecord } from './provider-records.js';
import { pageAsk, refsOf } from './provider-page.js';
import type { PageRequest, RefFilter } from './provider-page.js';
import { read } from './read.js';
import type { ReadTerms } from './read.js';

const CONVERSION = { type: 'conversion', prefix: 'cnv', eventPrefix: 'referral.conversion' } as const;

/** Conversions at the provider, each with our id; where it lists leads alone, every sale of ours to each. One that was approved and is no more is `reversed`: some providers only stop saying "accrued". */
export async function listConversions(
  core: Core,
  connection: OpenConnection,
  { customerId, ...wish }: PageRequest & RefFilter,
  terms: ReadTerms,
): Promise<Page<Conversion>> {
  supportFor(connection, 'listConversions');
  const refs = await refsOf(core, connection, customerId);
  const { cursor, skip } = placeOf(wish.cursor);
  const ask = { ...pageAsk({ ...wish, cursor }), refs };
  const askedAt = await core.database.clock();
  const { data, next } = await read(core, connection, 'listConversions', ask, terms);
  const leadRefs = data.flatMap(({ leadRef }) => leadRef ?? []);
  const leads = await syncLeads(core, connection, customerId, leadRefs);
  const named = data.flatMap(({ providerRef, status }) => {
    const remember = (before?: Record<string, unknown>) => ({
      status: statusNow(before?.['status'], status),
    });
    return providerRef ? [{ providerRef, remember }] : [];
  });
  const met = await syncRecords(core, connection, { ...CONVERSION, askedAt }, named);
  const own = await registered(core, connection, [...leads.values()]);
  const conversions = data.flatMap(({ leadRef, ...told }) => {
    const lead = leadRef === undefined ? undefined : leads.get(leadRef);
    return conversionsOf(told, { lead, met, own });
  });
  const rest = conversions.slice(skip);
  const more = rest.length > wish.limit ? markOf(cursor, skip + wish.limit) : next && markOf(next, 0);
  return { data: rest.slice(0, wish.limit), next: more };
}

// One lead may bring several sales, more than the page holds: its mark says how many of the provider's page were shown.
const markOf = (cursor: string | undefined, skip: number): string => `${skip} ${cursor ?? ''}`;

function placeOf(mark = markOf(undefined, 0)): { cursor?: string; skip: number } {
  const [, skip, cursor] = /^(\d+) (.*)$/s.exec(mark)!;
  return { skip: Number(skip), ...(cursor ? { cursor } : {}) };
}

/** The status to be told, by the one of the last look: what was approved once does not become pending again. */
const statusNow = (before: unknown, told: ConversionData['status']): ConversionData['status'] =>
  told === 'pending' && (before === 'approved' || before === 'reversed') ? 'reversed' : told;

interface Around {
  lead?: ProviderRecord;
  met: Map<string, ProviderRecord>;
  /** Conversions that we registered ourselves, by the lead's id. */
  own: Map<string, Conversion[]>;
}

function conversionsOf(told: Omit<ConversionData, 'leadRef'>, { lead, met, own }: Around): Conversion[] {
  const known = told.providerRef === undefined ? undefined : met.get(told.providerRef);
  if (known) {
    const { status } = known.body as unknown as ConversionData;
    return [{ ...recordIds(known), ...(lead ? { leadId: lead.id } : {}), ...told, status }];
  }
  if (!lead) return [];
  // A list of converted leads names no conversions: one that we did not register has the lead's id in another form.
  const mine = own.get(lead.id) ?? [{ id: lead.id.replace(/^led_/, 'cnv_') }];
  return mine.map(({ id, ...sale }) => ({ ...sale, ...told, id, leadId: lead.id }));
}

async function registered(
  core: Core,
  connection: OpenConnection,
  leads: readonly ProviderRecord[],
): Promise<Map<string, Conversion[]>> {
  const ids = leads.map(({ id }) => id);
  const records = await core.stores.records.conversionsOf(core.database.direct, connection.id, ids);
  const own = new Map<string, Conversion[]>();
  for (const conversion of records.map(conversionView)) {
    const leadId = conversion.leadId!;
    own.set(leadId, [...(own.get(leadId) ?? []), conversion]);
  }
  return own;
}
