import type {
  Click,
  Page,
  Partner,
  PayoutMethod,
  ReferralSummary,
  StatRow,
  StatSubject,
  Tree,
} from '#canonical';
import { readRange } from '#canonical';
import { supportFor } from '../connections/capability.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { pageAsk, refsOf } from './provider-page.js';
import type { PageRequest, RefFilter } from './provider-page.js';
import { read } from './read.js';
import type { ReadTerms } from './read.js';

/** Clicks on referral links; `id` is the provider's own, since nothing is ever done with one. */
export async function listClicks(
  core: Core,
  connection: OpenConnection,
  { ip, ...wish }: PageRequest & { ip?: string },
  terms: ReadTerms,
): Promise<Page<Click>> {
  const ask = { ...pageAsk(wish), ...(ip === undefined ? {} : { ip }) };
  const { data, next } = await read(core, connection, 'listClicks', ask, terms);
  return { data: data.map(({ providerRef, ...click }) => ({ id: providerRef, ...click })), next };
}

/** Who brought whom below a customer; the ids in it are the provider's. */
export async function readTree(
  core: Core,
  connection: OpenConnection,
  { customerId, maxDepth }: RefFilter & { maxDepth?: number },
  terms: ReadTerms,
): Promise<Tree> {
  supportFor(connection, 'getReferralTree');
  const refs = await refsOf(core, connection, customerId);
  return read(core, connection, 'getReferralTree', { refs, maxDepth }, terms);
}

/** Those whom a customer brought directly; the ids in it are the provider's. */
export async function listPartners(
  core: Core,
  connection: OpenConnection,
  { customerId, ...wish }: PageRequest & RefFilter,
  terms: ReadTerms,
): Promise<Page<Partner>> {
  supportFor(connection, 'listPartners');
  const refs = await refsOf(core, connection, customerId);
  return read(core, connection, 'listPartners', { ...pageAsk(wish), refs }, terms);
}

/** Totals of a customer, or of the whole account where the provider counts them. */
export async function readSummary(
  core: Core,
  connection: OpenConnection,
  { customerId }: RefFilter,
  terms: ReadTerms,
): Promise<ReferralSummary> {
  supportFor(connection, 'getReferralSummary');
  const refs = await refsOf(core, connection, customerId);
  return read(core, connection, 'getReferralSummary', { refs }, terms);
}

/** The ways of being paid out. */
export const listPayoutMethods = (
  core: Core,
  connection: OpenConnection,
  terms: ReadTerms,
): Promise<PayoutMethod[]> => read(core, connection, 'listPayoutMethods', {}, terms);

/** What a report is about. */
export interface StatisticsRequest {
  subject: StatSubject;
  groupBy: 'none' | 'date';
  from?: string;
  to?: string;
  ids?: string[];
  parentId?: string;
  target?: string;
}

/** A report, its rows as the provider counts them. */
export const readStatistics = (
  core: Core,
  connection: OpenConnection,
  { subject, groupBy, from, to, ids, parentId, target }: StatisticsRequest,
  terms: ReadTerms,
): Promise<StatRow[]> =>
  read(
    core,
    connection,
    'getStatistics',
    { subject, groupBy, ...readRange(from, to), ids, parentId, target },
    terms,
  );
