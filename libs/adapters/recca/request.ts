import { refusalAt } from '#canonical';
import type { ProviderRefs } from '#canonical';
import { segment } from '#adapter-kit';
import type { Exchange, WireRequest } from '#adapter-kit';
import type { ReccaCredentials } from './credentials.js';
import type { ReccaSettings } from './settings.js';

/** A read of the embed API for one person, by their `ub_…` id. */
export const embedRead = (
  what: string,
  refs: ProviderRefs | undefined,
  query: WireRequest['query'] = {},
): WireRequest => ({
  method: 'GET',
  path: `/embed/v1/data/${what}/${segment(embedId(refs))}`,
  query,
  scheme: 'embed',
});

/** A call of the federation API. */
export const federation = (path: string, json: object): WireRequest => ({
  method: 'POST',
  path: `/federation/v1${path}`,
  json,
  scheme: 'federation',
});

/** Whether a call belongs to the federation API, as every write but a link does. */
export const isFederation = ({ call }: Exchange): boolean => call.includes('/federation/');

/** The authentication of each call: the whitelisted origin (with or without a user's Bearer token), or the tenant key. */
export function authenticate(
  { tenantKey }: ReccaCredentials,
  { tenant, origin }: ReccaSettings,
  { scheme }: WireRequest,
): { headers: Record<string, string>; query?: Record<string, string> } {
  if (scheme === 'federation') return { headers: { 'X-Recca-Tenant-Key': tenantKey } };
  return { headers: { Origin: asBrowsersWrite(origin) }, query: { tenant } };
}

/** An origin in small letters, without the usual port, and a Cyrillic domain in its ASCII form: a header cannot carry another. */
export const asBrowsersWrite = (origin: string): string =>
  URL.canParse(origin) ? new URL(origin).origin : origin;

/** The person's id in the embed API (`tenant_recca_id`); throws a `Refusal` if there is none, or only the other kind of id. */
export function embedId(refs: ProviderRefs | undefined): string {
  const id = refs?.['tenantReccaId'];
  if (id === undefined) throw refusalAt('/query/customerId', refs ? notTold : onePersonOnly);
  if (id.startsWith('usr_')) throw refusalAt('/identifier/value', wrongSpace);
  return id;
}

const onePersonOnly = 'Recca returns this for one person only: send `customerId`.';

const notTold =
  'Recca’s id of this customer is not known: the answer that had it was lost. Send `POST /v1/customers` with their `externalId` again.';

const wrongSpace =
  'This is a `recca_user_id` (usr_…); Recca finds people only by their `tenant_recca_id` (ub_…), the id used in its widgets.';

/** The person's id in the federation API (`recca_user_id`); throws a `Refusal` if only the other one is known. */
export function federationId(refs: ProviderRefs, pointer: string): string {
  const id = refs['reccaUserId'];
  if (id !== undefined && !id.startsWith('ub_')) return id;
  throw refusalAt(
    pointer,
    'Recca’s federation API identifies this person by their `recca_user_id`, which is known only after `POST /v1/customers` with their `externalId`.',
  );
}
