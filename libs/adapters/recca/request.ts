import { refusalAt } from '#canonical';
import type { ErrorCode, ProviderRefs } from '#canonical';
import { Unreadable, isTrouble, reader, segment, withoutContacts } from '#adapter-kit';
import type { Exchange, ProviderRefusal, Reader, WireAnswer, WireRequest } from '#adapter-kit';
import { contentOf, tellsResult } from './body.js';
import type { ReccaCredentials } from './credentials.js';
import { deniedIn, deniesItsResult } from './denied.js';
import { codeOfKnown, madeIdIn } from './known-already.js';
import { sentenceIn, wordIn, words } from './reason.js';
import type { ReccaSettings } from './settings.js';

/** Our own codes, since Recca's document has no error bodies; other refusals are mapped by HTTP status. */
export const errors = {
  ...words,
  'origin-closed': 'connection-origin-rejected',
  'http-400': 'validation-failed',
  'http-404': 'not-found',
  'http-409': 'state-conflict',
  'known-already': 'state-conflict',
  'http-422': 'validation-failed',
} satisfies Record<string, ErrorCode>;

/** The refusals of the embed API: it gets no key and no token, so a 401 or 403 is about the origin. */
export const embedErrors = {
  unauthorized: 'connection-origin-rejected',
  forbidden: 'connection-origin-rejected',
  'http-404': 'customer-not-found',
} satisfies Record<string, ErrorCode>;
/** Refusals of calls with a user's token: a 401 or 403 is about that token. */
export const userErrors = {
  unauthorized: 'end-user-token-invalid',
  forbidden: 'end-user-token-invalid',
} satisfies Record<string, ErrorCode>;

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

/** Finds a refusal by its HTTP status, or by an error inside a 200; throws `Unreadable` if it contains the id of what it refuses. E-mail addresses and phone numbers are removed from its text. */
export function refusal(answer: WireAnswer, exchange: Exchange): ProviderRefusal | undefined {
  const { status, headers } = answer;
  if (exchange.accepts?.includes(status)) return undefined;
  const message = messageOf(answer);
  requireNoEffect(answer, exchange);
  const body = reader(answer.body);
  const said = wordIn(body);
  const word = Object.hasOwn(words, said) ? said : codeOfKnown(answer, exchange);
  if (status >= 400) {
    const code = word ?? codeOf(status, headers);
    const missing = code === 'http-404' && exchange.call.includes('/federation/');
    return { code, message, ...(missing && { detail: unknownThere }) };
  }
  // An answer with a result is no refusal, whatever else it contains.
  if (tellsResult(answer)) return undefined;
  const inside = statusInside(body);
  if (inside !== undefined && inside >= 400 && inside < 500)
    return { code: word ?? codeOf(inside, {}), message };
  return inside === undefined && deniedIn(body) && !isTrouble([said, message].join(' '))
    ? { code: word ?? 'refused', message }
    : undefined;
}

// The usual sentence of `not-found` is about the ids of the gateway.
const unknownThere =
  'Recca does not know what this call names (the referrer, the offer or the lead); `provider.message` is its own reason. If it has none, check the connection’s `baseUrl`.';

// A conflict names the older one.
function requireNoEffect(answer: WireAnswer, exchange: Exchange): void {
  const id = madeIdIn(answer, exchange);
  const bodies = [reader(answer.body), contentOf(answer)];
  const denied = answer.status >= 400 ? answer.status !== 409 : bodies.some(deniesItsResult);
  if (denied && /^\S+$/.test(id ?? ''))
    throw new Unreadable('', 'is a refusal with the id of what it refuses');
}

function statusInside(body: Reader): number | undefined {
  const codes = ['statusCode', 'status_code', 'status', 'code'].map(name => Number(body.at(name).decimal()));
  return codes.find(code => code >= 400 && code < 600);
}

function codeOf(status: number, headers: Record<string, string>): string {
  if (status === 401) return 'unauthorized';
  if (status !== 403) return `http-${status}`;
  // Recca: an origin that is not whitelisted gets a 403 with an EMPTY Access-Control-Allow-Origin.
  return headers['access-control-allow-origin']?.trim() === '' ? 'origin-closed' : 'forbidden';
}

/** All that a refusal says of its reason, as a code and in words. */
export const reasonIn = (answer: WireAnswer): string =>
  `${wordIn(reader(answer.body))} ${messageOf(answer) ?? ''}`;

function messageOf({ body }: WireAnswer): string | undefined {
  const sentence = sentenceIn(reader(body));
  return sentence === undefined ? undefined : withoutContacts(sentence);
}
