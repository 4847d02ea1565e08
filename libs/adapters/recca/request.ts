import { Refusal } from '#canonical';
import type { ProviderRefs } from '#canonical';
import { isTrouble, queryString, reader, segment } from '#adapter-kit';
import type { Consent, Exchange, ProviderRefusal, Reader, WireAnswer, WireRequest } from '#adapter-kit';
import { tellsResult } from './body.js';
import type { ReccaCredentials } from './credentials.js';
import type { ReccaSettings } from './settings.js';

/** Codes that are ours, since Recca documents no bodies of errors; the rest goes by HTTP status. */
export const errors = {
  'origin-closed': 'connection-origin-rejected',
  'http-400': 'validation-failed',
  'http-404': 'not-found',
  'http-409': 'state-conflict',
  'http-422': 'validation-failed',
};

/** What the embed API's refusals mean: it knows no token, so that a 403 is about the origin. */
export const embedErrors = { forbidden: 'connection-origin-rejected', 'http-404': 'customer-not-found' };
/** With a user's token a 401 or 403 is about that token. */
export const userErrors = { unauthorized: 'end-user-token-invalid', forbidden: 'end-user-token-invalid' };
/** The federation API is asked with the tenant key alone. */
export const federationErrors = { forbidden: 'connection-credentials-invalid' };

/** A read of the embed API about one person, by their `ub_…` id. */
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

/** Each call's proof: the whitelisted origin (with a user's Bearer token or without), or the tenant key. */
export function authenticate(
  { tenantKey }: ReccaCredentials,
  { tenant, origin }: ReccaSettings,
  { scheme }: WireRequest,
): { headers: Record<string, string>; query?: Record<string, string> } {
  if (scheme === 'federation') return { headers: { 'X-Recca-Tenant-Key': tenantKey } };
  return { headers: { Origin: origin }, query: { tenant } };
}

/** The person's id in the embed API (`tenant_recca_id`); `Refusal` where there is none or the other kind of id. */
export function embedId(refs: ProviderRefs | undefined): string {
  const id = refs?.['tenantReccaId'];
  if (id === undefined)
    throw wrong('/query/customerId', 'Recca tells this of one person only: name the customer.');
  if (id.startsWith('usr_')) throw wrong('/identifier/value', wrongSpace);
  return id;
}

const wrongSpace =
  'This is a `recca_user_id` (usr_…); Recca finds people by their `tenant_recca_id` (ub_…) only, the id of its widgets.';

/** The person's id in the federation API (`recca_user_id`); `Refusal` where only the other one is known. */
export function federationId(refs: ProviderRefs, pointer: string): string {
  const id = refs['reccaUserId'];
  if (id !== undefined && !id.startsWith('ub_')) return id;
  throw wrong(
    pointer,
    'Recca’s federation API knows this person by their `recca_user_id`, which only `POST /v1/customers` with their `externalId` tells.',
  );
}

/** 422 for one field of the caller's request. */
export const wrong = (
  pointer: string,
  detail: string,
  code: 'validation-failed' | 'unsupported-field' = 'validation-failed',
) => new Refusal(code, { detail, errors: [{ pointer, code, detail }] });

/** Finds out which refusal an HTTP status, or an error inside a 200, is; its text, whatever it is called, loses addresses and numbers of people. */
export function refusal(answer: WireAnswer, exchange: Exchange): ProviderRefusal | undefined {
  const { status, headers } = answer;
  if (exchange.accepts?.includes(status)) return undefined;
  const message = messageOf(answer);
  if (status >= 400) return { code: codeOf(status, headers), message };
  const body = reader(answer.body);
  // Whatever else stands beside a result is no refusal.
  if (tellsResult(answer)) return undefined;
  const inside = statusInside(body);
  if (inside !== undefined && inside >= 400 && inside < 500) return { code: codeOf(inside, {}), message };
  return inside === undefined && deniedIn(body) && !isTrouble(message)
    ? { code: 'refused', message }
    : undefined;
}

function statusInside(body: Reader): number | undefined {
  const codes = ['statusCode', 'status_code', 'status', 'code'].map(name => Number(body.at(name).decimal()));
  return codes.find(code => code >= 400 && code < 600);
}

function deniedIn(body: Reader): boolean {
  const error = body.at('error');
  return (
    ['success', 'ok'].some(name => body.at(name).flag() === false) ||
    error.flag() === true ||
    (error.flag() === undefined && sentenceIn(error) !== undefined) ||
    body.at('errors').list().length > 0 ||
    /^(error|fail(ed)?)$/i.test(body.at('status').text() ?? '')
  );
}

function codeOf(status: number, headers: Record<string, string>): string {
  if (status === 401) return 'unauthorized';
  if (status !== 403) return `http-${status}`;
  // Recca: an origin outside of the whitelist gets a 403 with an EMPTY Access-Control-Allow-Origin.
  return headers['access-control-allow-origin']?.trim() === '' ? 'origin-closed' : 'forbidden';
}

// Under which names servers of this kind tell why; other fields may hold what was sent, and so are people's.
const telling = ['message', 'msg', 'error_description', 'error', 'detail', 'errors'];
const DEEPEST = 3;

function sentenceIn(at: Reader, depth = 0): string | undefined {
  if (depth > DEEPEST) return undefined;
  if (Array.isArray(at.value))
    return (
      at
        .list()
        .flatMap(row => sentenceIn(row, depth + 1) ?? [])
        .join(' ') || undefined
    );
  const names = at.record() ? telling : [];
  return at.text() ?? names.map(name => sentenceIn(at.at(name), depth + 1)).find(text => text !== undefined);
}

function messageOf({ body }: WireAnswer): string | undefined {
  return sentenceIn(reader(body))
    ?.replace(/\S+@\S+/g, '…')
    .replace(/\+?\d[\d\s()-]{5,}\d/g, '…')
    .slice(0, 200);
}

/** The popup in which an end user allows us to make links in their name. */
export const consent: Consent<ReccaSettings> = {
  authorizeUrl: ({ baseUrl, settings, state, scope = 'profile:read' }) =>
    `${baseUrl.replace(/\/+$/, '')}/oauth/authorize${queryString({
      client_id: settings.clientId ?? settings.tenant,
      // The document asks for a code; what the message carries is a token all the same.
      response_type: 'code',
      scope,
      state,
      popup: '1',
    })}`,
  origin: baseUrl => new URL(baseUrl).origin,
  messageType: 'recca:auth-success',
};
