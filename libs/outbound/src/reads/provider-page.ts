import { readRange } from '#canonical';
import type { PageAsk, ProviderRefs } from '#canonical';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { byCustomer } from './resolve-who.js';

/** Which part of a provider's list is wanted; `cursor` is the adapter's `next` of the page before. */
export interface PageRequest {
  limit: number;
  cursor?: string;
  /** A date (the whole UTC day) or an RFC 3339 date-time; both ends belong to it. */
  from?: string;
  to?: string;
}

/** Whose list is wanted, where a provider keeps one for each person. */
export interface RefFilter {
  customerId?: string;
}

/** The wish as adapters are asked. Throws 400 `invalid-parameter`, 422 `validation-failed`. */
export const pageAsk = ({ limit, cursor, from, to }: PageRequest): PageAsk => ({
  limit,
  ...(cursor === undefined ? {} : { cursor }),
  ...readRange(from, to),
});

/** What the provider calls a customer of ours, where one is named; `not-found` for one of another connection. */
export async function refsOf(
  core: Core,
  connection: OpenConnection,
  customerId: string | undefined,
): Promise<ProviderRefs | undefined> {
  if (customerId === undefined) return undefined;
  const { subject } = await byCustomer(core, core.database.direct, connection, customerId);
  return subject.refs;
}
