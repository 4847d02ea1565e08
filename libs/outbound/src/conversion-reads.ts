import type { Conversion, ConversionData, Page } from '#canonical';
import { supportFor } from './capability.js';
import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';
import { conversionView } from './kinds/conversion.kind.js';
import { meetLeads } from './lead-reads.js';
import { meet, ours } from './met.js';
import type { Met } from './met.js';
import { pageAsk, refsOf } from './provider-page.js';
import type { PageWish, Whose } from './provider-page.js';
import { read } from './read.js';
import type { ReadTerms } from './read.js';

const CONVERSION = { type: 'conversion', prefix: 'cnv', eventPrefix: 'referral.conversion' } as const;

/** Conversions at the provider, each with our id. One that was approved and is no more is `reversed`: some providers only stop saying "accrued". */
export async function listConversions(
  core: Core,
  connection: OpenConnection,
  { customerId, ...wish }: PageWish & Whose,
  terms: ReadTerms,
): Promise<Page<Conversion>> {
  supportFor(connection, 'listConversions');
  const refs = await refsOf(core, connection, customerId);
  const { data, next } = await read(core, connection, 'listConversions', { ...pageAsk(wish), refs }, terms);
  const leadRefs = data.flatMap(({ leadRef }) => leadRef ?? []);
  const leads = await meetLeads(core, connection, customerId, leadRefs);
  const named = data.flatMap(({ providerRef, status }) => {
    const remember = (before?: Record<string, unknown>) => ({
      status: statusNow(before?.['status'], status),
    });
    return providerRef ? [{ providerRef, remember }] : [];
  });
  const met = await meet(core, connection, CONVERSION, named);
  const own = await registered(core, connection, [...leads.values()]);
  const conversions = data.flatMap(({ leadRef, ...told }) => {
    const lead = leadRef === undefined ? undefined : leads.get(leadRef);
    return conversionOf(told, { lead, met, own }) ?? [];
  });
  return { data: conversions, next };
}

/** The status to be told, by the one of the last look: what was approved once does not become pending again. */
const statusNow = (before: unknown, told: ConversionData['status']): ConversionData['status'] =>
  told === 'pending' && (before === 'approved' || before === 'reversed') ? 'reversed' : told;

interface Around {
  lead?: Met;
  met: Map<string, Met>;
  /** Conversions that we registered ourselves, by id. */
  own: Map<string, Conversion>;
}

function conversionOf(
  told: Omit<ConversionData, 'leadRef'>,
  { lead, met, own }: Around,
): Conversion | undefined {
  const known = told.providerRef === undefined ? undefined : met.get(told.providerRef);
  if (known) {
    const { status } = known.body as unknown as ConversionData;
    return { ...ours(known), ...(lead ? { leadId: lead.id } : {}), ...told, status };
  }
  if (!lead) return undefined;
  const mine = own.get(lead.body['conversionId'] as string);
  // A list of converted leads names no conversions: one that we did not register has the lead's id in another form.
  const id = mine?.id ?? lead.id.replace(/^led_/, 'cnv_');
  return { ...mine, ...told, id, leadId: lead.id };
}

async function registered(
  core: Core,
  connection: OpenConnection,
  leads: readonly Met[],
): Promise<Map<string, Conversion>> {
  const ids = leads.map(({ body }) => body['conversionId']).filter(id => typeof id === 'string');
  const records = await core.stores.records.byIds(core.database.direct, connection.id, ids);
  return new Map(records.map(record => [record.id, conversionView(record)]));
}
