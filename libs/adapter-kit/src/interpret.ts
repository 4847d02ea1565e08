import { Refusal } from '#canonical';
import type { ErrorCode } from '#canonical';
import type { Adapter, ProviderRefusal } from './adapter.js';
import { Trouble, Unreadable } from './exchange.js';
import type { Context, Exchange, WhyUnanswered, WireAnswer } from './exchange.js';
import { reader } from './read.js';

/** The meaning of an answer, decided here for all adapters. */
export type Meaning<Result = unknown> =
  | { kind: 'done'; result: Result }
  /** The provider said no: nothing was executed. */
  | { kind: 'refused'; refusal: Refusal }
  /** Refused before execution because of the rate limit; the lane is paused for `retryAfterMs`. */
  | { kind: 'throttled'; retryAfterMs: number }
  /** An answer that proves nothing: 5xx, an HTML page, a redirect, a broken or unreadable body. */
  | ({ kind: 'unanswered'; reason: string } & WhyUnanswered);

/** Interprets an answer as refused, throttled, unanswered or done. The adapter only finds its refusals and reads results. */
export function interpret(
  adapter: Adapter,
  exchange: Exchange,
  answer: WireAnswer,
  ask: unknown,
  context: Context,
): Meaning {
  const { status } = answer;
  if (status === 429) return { kind: 'throttled', retryAfterMs: retryAfter(answer, context.now) };
  const good = (status >= 200 && status < 300) || exchange.accepts?.includes(status) === true;
  if (!good && (status < 400 || status >= 500 || status === 408)) return unanswered(answer);
  // A front server refuses a key in a page of its own. After a write the page may be another's, and proves nothing.
  if (answer.format === 'html' && status === 401 && exchange.retryClass === 'read')
    return { kind: 'refused', refusal: toRefusal(adapter, exchange, answer, byStatus(answer)) };
  if (answer.format === 'html') return unanswered(answer);
  if (isOfNoRoute(answer) && (exchange.retryClass === 'read' || exchange.accepts?.includes(404)))
    return {
      kind: 'unanswered',
      status,
      unreadable: true,
      reason: 'the 404 of a front server without this call',
    };
  const refusal = refusalIn(adapter, exchange, { answer, settings: context.settings });
  if (refusal instanceof Unreadable) return distrusted(refusal, answer);
  if (refusal) return { kind: 'refused', refusal: toRefusal(adapter, exchange, answer, refusal) };
  if (!good) return { kind: 'refused', refusal: toRefusal(adapter, exchange, answer, byStatus(answer)) };
  try {
    return { kind: 'done', result: exchange.read(answer, ask, context) };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', refusal: error };
    return distrusted(error as Error, answer);
  }
}

const NO_ROUTE =
  /^\W*(404 page not found|default backend\b|no route\b|file not found\.?$|no input file specified|error code: \d+$)/i;

// What Go, Kubernetes, Kong, Cloudflare and PHP’s servers say of an address that they do not know: to a look-up it would be "no such customer", to a deletion "already gone".
const isOfNoRoute = (answer: WireAnswer): boolean =>
  answer.status === 404 && NO_ROUTE.test(ownWords(answer) ?? '');

// Whatever the reader failed on, the answer cannot be trusted; a bug of ours must not become "failed". Plain text is told with its status,
// like a page: it may be what stands in front of the provider.
const distrusted = (error: Error, { format, status }: WireAnswer): Meaning => ({
  kind: 'unanswered',
  ...(format === 'text' && { status }),
  reason: error instanceof Unreadable ? error.message : `unreadable answer (${error.name})`,
  unreadable: !(error instanceof Trouble),
});

// The error page of a proxy (Cloudflare has its own statuses, 520 to 530) is temporary and says nothing about the provider; 501 is lasting.
const unanswered = (answer: WireAnswer): Meaning => ({
  kind: 'unanswered',
  status: answer.status,
  unreadable: answer.format === 'html' && (answer.status < 500 || answer.status === 501),
  reason: answer.format === 'html' ? `an HTML page with status ${answer.status}` : `status ${answer.status}`,
  ...(isOfExpress(answer) && { noCall: true }),
});

// It names the address. Any other page with a 404 may be of a front server, while the provider is being restarted.
const isOfExpress = ({ status, text }: WireAnswer): boolean =>
  status === 404 && /\bCannot (GET|POST|PUT|PATCH|DELETE) \//.test(text);

// 401 means the same everywhere; other statuses prove nothing without a body that the adapter knows.
const byStatus = (answer: WireAnswer): ProviderRefusal => ({
  code: answer.status === 401 ? 'unauthorized' : `http-${answer.status}`,
});

function toRefusal(
  adapter: Adapter,
  exchange: Exchange,
  answer: WireAnswer,
  refusal: ProviderRefusal,
): Refusal {
  const table: Record<string, ErrorCode> = {
    unauthorized: 'connection-credentials-invalid',
    ...adapter.errors,
    ...exchange.errors,
  };
  const code = Object.hasOwn(table, refusal.code) ? table[refusal.code]! : 'provider-rejected';
  return new Refusal(code, {
    ...(refusal.detail !== undefined && { detail: refusal.detail }),
    errors: refusal.fields?.map(field => ({ ...field, code })),
    provider: {
      name: adapter.name,
      status: answer.status,
      code: refusal.code,
      message: refusal.message ?? ownWords(answer),
    },
    ...refusal.extra,
  });
}

// Some servers, and the frameworks of others, refuse in plain text or in a JSON form that no adapter parses.
const ownWords = ({ format, text, body }: WireAnswer): string | undefined =>
  format === 'text' ? text : reader(body).at('message').text();

// `Unreadable` is thrown on purpose; any other error is a bug of the adapter, and the status decides.
function refusalIn(
  adapter: Adapter,
  exchange: Exchange,
  { answer, settings }: { answer: WireAnswer; settings: unknown },
): ProviderRefusal | Unreadable | undefined {
  try {
    return adapter.refusal(answer, exchange, settings);
  } catch (error) {
    return error instanceof Unreadable ? error : undefined;
  }
}

const LONGEST_PAUSE_MS = 60_000;
const SHORTEST_PAUSE_MS = 1_000;

/** The pause that an answer asks for besides its meaning: a 429 always does, a failure (5xx) where it has a Retry-After; in milliseconds, 0 = none. */
export function pauseAskedBy(answer: WireAnswer, now: Date): number {
  const asks = answer.status === 429 || (answer.status >= 500 && answer.headers['retry-after'] !== undefined);
  return asks ? retryAfter(answer, now) : 0;
}

/** The pause requested by a Retry-After, in seconds or as a date, clamped to 1–60 s; an absent or invalid value counts as 1 s. */
export function retryAfter(answer: WireAnswer, now: Date): number {
  const text = answer.headers['retry-after']?.trim() ?? '';
  const pauseMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  if (!Number.isFinite(pauseMs)) return SHORTEST_PAUSE_MS;
  return Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, pauseMs));
}
