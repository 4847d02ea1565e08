import type { ErrorCode } from '#canonical';
import { Trouble, Unreadable, isTrouble, reader, withoutContacts } from '#adapter-kit';
import type { Exchange, ProviderRefusal, Reader, WireAnswer } from '#adapter-kit';
import { contentOf, madeIdIn, tellsResult } from './body.js';
import { deniedIn, deniesItsResult } from './denied.js';
import { codeOfKnown } from './known-already.js';
import { sentenceIn, wordIn, words } from './reason.js';
import { asBrowsersWrite, isFederation } from './request.js';
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

const ALLOWED = 'access-control-allow-origin';

/** Refusals of the embed API before a write: it gets no key and no token, so a 401 or 403 is about the origin. */
export const originErrors = {
  unauthorized: 'connection-origin-rejected',
  forbidden: 'connection-origin-rejected',
} satisfies Record<string, ErrorCode>;

/** The refusals of the embed API where somebody is looked up. */
export const embedErrors = {
  ...originErrors,
  'http-404': 'customer-not-found',
} satisfies Record<string, ErrorCode>;

/** Refusals of calls with a user's token: a 401 or 403 is about that token. */
export const userErrors = {
  unauthorized: 'end-user-token-invalid',
  forbidden: 'end-user-token-invalid',
} satisfies Record<string, ErrorCode>;

/** Finds a refusal by its HTTP status, or by an error inside a 200; throws `Unreadable` if it contains the id of what it refuses, or is about another tenant, and `Trouble` for a failure of Recca inside a 200. E-mail addresses and phone numbers are removed from its text. */
export function refusal(
  answer: WireAnswer,
  exchange: Exchange,
  settings?: ReccaSettings,
): ProviderRefusal | undefined {
  const { status, headers } = answer;
  if (exchange.accepts?.includes(status)) return undefined;
  if (status < 300) requireOwnTenant(answer, settings);
  requireNoEffect(answer, exchange);
  const message = messageOf(answer);
  const said = wordIn(reader(answer.body));
  const word = Object.hasOwn(words, said) ? said : codeOfKnown(answer, exchange);
  if (status === 404 && settings && exchange.errors === embedErrors && reader(answer.body).record())
    requireAccepted(answer, settings);
  if (status >= 400) {
    const code = word ?? codeOf(status, headers);
    return { code, message, detail: detailOf(code, exchange, headers) };
  }
  const denied = codeInside(answer, exchange);
  if (denied === undefined) return undefined;
  const code = word ?? denied;
  return { code, message, detail: advice[code] };
}

// The code of a refusal inside a 200. An answer with a result is none, whatever else it contains.
function codeInside(answer: WireAnswer, exchange: Exchange): string | undefined {
  if (tellsResult(answer)) return undefined;
  const body = reader(answer.body);
  const status = statusInside(body);
  if (status === undefined && !deniedIn(body)) return undefined;
  if ((status ?? 0) >= 500 || (status === undefined && isOwnTrouble(reasonIn(answer), exchange)))
    throw new Trouble();
  return status === undefined ? 'refused' : codeOf(status, {});
}

// Nobody repeats a write behind our back because of it, but whoever reads can come back later.
const isOwnTrouble = (reason: string, { retryClass }: Exchange): boolean =>
  isTrouble(reason) || (retryClass === 'read' && /maintenance|техническ\p{L}* работ/iu.test(reason));

const advice: Record<string, string> = {
  WINDOW_EXPIRED:
    'Recca accepts a sale to a lead only for some time, and that of this lead is over: a repeat does not help. Whether the sale counts all the same is to be agreed with Recca.',
  PARTNER_NOT_ACTIVE:
    'The person who recommends is not active at Recca. Have them activated there, then send the request again with a new `Idempotency-Key`.',
};

// The usual sentence of `not-found` is about the ids of the gateway.
const unknownThere =
  'Recca does not know what this call names (the referrer, the offer or the lead); `provider.message` is its own reason. If it has none, check the connection’s `baseUrl`.';

// An accepted origin is repeated in the header as a rule, and one that is not gets an empty header, which a proxy may drop.
const originOrConsent =
  'Recca refuses either the connection’s origin or the person’s consent, and does not say which. If the `origin` in the settings is one that the tenant allows, start a new consent with `POST /v1/consent-sessions`.';

function detailOf(code: string, exchange: Exchange, headers: Record<string, string>): string | undefined {
  if (code === 'http-404' && isFederation(exchange)) return unknownThere;
  if (code === 'forbidden' && exchange.errors === userErrors && headers[ALLOWED] === undefined)
    return originOrConsent;
  return advice[code];
}

const PERSON = /user|person|participant|member|customer|client|ub_|пользоват|участник|клиент/i;

/**
 * Throws `Unreadable` where a refusal of the embed API shows that it is not about the person: a wrong address answers 404 as well, and
 * perhaps a wrong tenant. As documented, an accepted origin is repeated in the header, but not of every answer.
 */
export function requireAccepted(answer: WireAnswer, { origin }: ReccaSettings): void {
  if (answer.headers[ALLOWED] === asBrowsersWrite(origin)) return;
  if (!reader(answer.body).record())
    throw new Unreadable('', 'does not come from Recca’s API; check `baseUrl`');
  const reason = reasonIn(answer);
  if (/tenant/i.test(reason) && !PERSON.test(reason))
    throw new Unreadable('', 'is about the tenant; check `settings.tenant`');
}

function requireOwnTenant(answer: WireAnswer, settings?: ReccaSettings): void {
  const slug = contentOf(answer).at('tenant', 'slug').text();
  if (slug !== undefined && slug.toLowerCase() !== settings?.tenant.toLowerCase())
    throw new Unreadable('/tenant/slug', 'is that of another tenant');
}

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
  return headers[ALLOWED]?.trim() === '' ? 'origin-closed' : 'forbidden';
}

/** All that a refusal says of its reason, as a code and in words. */
export const reasonIn = (answer: WireAnswer): string =>
  `${wordIn(reader(answer.body))} ${messageOf(answer) ?? ''}`;

function messageOf({ body }: WireAnswer): string | undefined {
  const sentence = sentenceIn(reader(body));
  return sentence === undefined ? undefined : withoutContacts(sentence);
}
