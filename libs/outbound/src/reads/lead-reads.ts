import type { Lead, LeadStatus, Page } from '#canonical';
import { supportFor } from '../connections/capability.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { syncRecords, recordIds } from './provider-records.js';
import type { ProviderRecord } from './provider-records.js';
import { pageAsk, refsOf } from './provider-page.js';
import type { PageRequest, RefFilter } from './provider-page.js';
import { read } from './read.js';
import type { ReadTerms } from './read.js';

const LEAD = { type: 'lead', prefix: 'led' } as const;

/** Leads at the provider, each with our id; those that it gives no id are left out, since nothing could be done with them. */
export async function listLeads(
  core: Core,
  connection: OpenConnection,
  { customerId, status, ...wish }: PageRequest & RefFilter & { status?: LeadStatus },
  terms: ReadTerms,
): Promise<Page<Lead>> {
  supportFor(connection, 'listLeads');
  const refs = await refsOf(core, connection, customerId);
  const { data, next } = await read(core, connection, 'listLeads', { ...pageAsk(wish), refs, status }, terms);
  const shown = data.filter(lead => lead.providerRef && (!status || lead.status === status));
  const met = await syncLeads(
    core,
    connection,
    customerId,
    shown.map(({ providerRef }) => providerRef!),
  );
  const leads = shown.map(lead => ({ ...recordIds(met.get(lead.providerRef!)!), ...lead }));
  return { data: leads, next };
}

/** Leads of a provider's list by its ids, each with our id. */
export const syncLeads = (
  core: Core,
  connection: OpenConnection,
  customerId: string | undefined,
  refs: string[],
): Promise<Map<string, ProviderRecord>> => {
  const seen = refs.map(providerRef => ({ providerRef, customerId }));
  return syncRecords(core, connection, LEAD, seen);
};
