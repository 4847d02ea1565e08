import { Catch, HttpException, NotFoundException } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal, errorTable, languageOf, toProblem } from '#canonical';
import type { ErrorCode, Language, Problem, RefusalMembers } from '#canonical';
import { CommitInDoubt, isStoreAway } from '#persistence';
import { NOT_CHECKED, refusalOfBody } from '../auth/refused-repeat.js';
import { BARE_PATH } from '../compat-uds-v1/let-old-tills-in.js';
import type { Core } from '../core.js';
import { asksOutcome, isWrite } from './route-options.js';

/** Answers a thrown error with `application/problem+json`; anything but a refusal is logged without exposing its details. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly core: Pick<Core, 'log' | 'stores' | 'database'>) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const ended = reply.raw.writableEnded;
    // The route's answer came after another had been sent in its place (`watchWait`).
    if (ended && (error as { code?: string }).code === 'ERR_HTTP_HEADERS_SENT') return;
    const refusal = isRouters(error) ? noRoute(error, request) : refusalOf(error);
    this.#note(refusal, error, request);
    if (ended) return;
    if (isAnswered(reply)) return void reply.raw.destroy();
    this.#answer(refusal, request, reply).catch(fault => {
      this.#note(refusalOf(fault), fault, request);
      reply.raw.destroy();
    });
  }

  async #answer(refusal: Refusal, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const told = await refusalOfBody(this.core, refusal, request);
    // The look-up may last until another answer was sent in its place.
    if (!isAnswered(reply)) void answerProblem(told, request, reply);
  }

  #note(refusal: Refusal, error: unknown, request: FastifyRequest): void {
    const own = refusal.code === 'internal-error' || refusal.code === 'dependency-unavailable';
    // A refusal without a cause has nothing further to log.
    if (!own || (error === refusal && refusal.cause === undefined)) return;
    const facts = { requestId: request.id, route: request.routeOptions.url, error: textOf(error) };
    this.core.log('error', `answered ${refusal.code}`, facts);
  }
}

/** Whether an answer to the request has begun, by its route or in the route's place. */
export const isAnswered = ({ sent, raw }: FastifyReply): boolean => sent || raw.headersSent;

/** The problem for this request, in its language. */
export function problemOf(
  refusal: Refusal,
  request: FastifyRequest,
): { problem: Problem; language: Language } {
  const language = languageOf(request.headers['accept-language']);
  const context = { requestId: request.id, language, asksOutcome: asksOutcome(request) };
  return { problem: toProblem(inDoubt(refusal, request), context), language };
}

/** Sends a refusal. */
export function answerProblem(refusal: Refusal, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, headers, body } = toldAs(refusal, request);
  return reply.code(status).headers(headers).send(body);
}

/** When to repeat where nothing more is known: a till waits for a few seconds in all. */
const COME_BACK_SECONDS = 1;
const COME_BACK = [429, 503];

/** The refusal in the route's format: RFC 9457, unless the route has its own. */
export function toldAs(
  refusal: Refusal,
  request: FastifyRequest,
): { status: number; headers: Record<string, string>; body: object } {
  const { problem, language } = problemOf(refusal, request);
  const own = request.routeOptions.config?.problemBody?.(problem);
  const { status, body } = own ?? { status: problem.status, body: problem };
  const comesBack = problem.retryable && COME_BACK.includes(status) ? COME_BACK_SECONDS : undefined;
  const { retryAfterSeconds = comesBack } = refusal.members;
  const headers = {
    'content-type': `application/${own ? 'json' : 'problem+json'}; charset=utf-8`,
    ...(!own && { 'content-language': language }),
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(Math.ceil(retryAfterSeconds)) }),
    ...(problem.status === 401 && { 'www-authenticate': 'Bearer realm="loyalty-gateway"' }),
  };
  return { status, headers, body };
}

// Fastify refuses some requests before any route.
const byFastifyCode: Record<string, [ErrorCode, string?]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload-too-large'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported-media-type'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'malformed-json',
    'The length of the body differs from Content-Length.',
  ],
  FST_ERR_BAD_URL: ['invalid-parameter', 'The path cannot be decoded.'],
};
const byStatus: Record<number, ErrorCode> = {
  400: 'invalid-parameter',
  // The playground's files: a path that leads out of their folder.
  403: 'not-found',
  404: 'not-found',
  405: 'not-found',
  413: 'payload-too-large',
  414: 'not-found',
  415: 'unsupported-media-type',
};

/** The thrown refusal, or the equivalent of another error. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const fault = error instanceof HttpException ? (error.cause ?? error) : error;
  if (fault instanceof CommitInDoubt)
    return new Refusal('dependency-unavailable', { cause: fault, outcome: 'unknown' });
  const { code, statusCode } = fault as { code?: string; statusCode?: number };
  const [known, detail] = byFastifyCode[code ?? ''] ?? [];
  if (known) return new Refusal(known, { detail, cause: error });
  const status = error instanceof HttpException ? error.getStatus() : (statusCode ?? 500);
  const named = byStatus[status];
  if (named) return new Refusal(named, { cause: error });
  return new Refusal(isStoreAway(fault) ? 'dependency-unavailable' : 'internal-error', { cause: error });
}

const NO_ROUTE =
  'There is no such path, or the method is wrong: see `/openapi.json`. A path does not end with a slash.';
const NO_ROUTE_UNDER_THIS_HOST = `\`/${BARE_PATH}/…\` is only there with \`Host: udsgame.com\`; with any other host, old tills use \`/compat/uds/${BARE_PATH}/…\`.`;

// Our own routes throw refusals.
const isRouters = (error: unknown): boolean => error instanceof NotFoundException;

function noRoute(error: unknown, { url }: FastifyRequest): Refusal {
  const detail = url.startsWith(`/${BARE_PATH}/`) ? NO_ROUTE_UNDER_THIS_HOST : NO_ROUTE;
  return new Refusal('not-found', { detail, cause: error });
}

/** For the developer, of a write while a store is away. */
export const DOUBT =
  'The gateway’s database or queue cannot be reached. It is not known whether this request, or an earlier one with its key, was accepted: repeat it with the same key to find out.';

/** The same of a write that has no key. */
export const DOUBT_WITHOUT_KEY =
  'The gateway’s database or queue cannot be reached. It is not known whether this request was executed. It has no Idempotency-Key, so read what it changes before you repeat it.';

const unsure = (members: RefusalMembers, request: FastifyRequest): Refusal =>
  new Refusal('dependency-unavailable', {
    ...members,
    detail: members.detail ?? (hasKey(request) ? DOUBT : DOUBT_WITHOUT_KEY),
    outcome: 'unknown',
  });

/** For the developer, of a write with an Idempotency-Key that was refused before the key could be looked up. */
export const UNSEEN: Partial<Record<ErrorCode, string>> = {
  unauthenticated: `${errorTable.unauthenticated.detail} ${NOT_CHECKED}: repeat it with the same one and a valid API key to find out.`,
  'too-many-requests': `This request was refused unread. ${NOT_CHECKED}: repeat it with the same one after the seconds in \`Retry-After\` to find out.`,
};

/** The outcome is unknown: a COMMIT whose answer was lost may have succeeded, and so may the first attempt of a repeat. */
function inDoubt(refusal: Refusal, request: FastifyRequest): Refusal {
  const { code, members } = refusal;
  const isOpen = members.outcome === undefined && isWrite(request);
  if (code === 'dependency-unavailable' && (isOpen || members.outcome === 'unknown'))
    return unsure(members, request);
  if (!isOpen) return refusal;
  const detail = UNSEEN[code];
  if (detail === undefined || !mayRepeat(code, request)) return refusal;
  return new Refusal(code, { ...members, detail, outcome: 'unknown' });
}

const hasKey = ({ headers, routeOptions }: FastifyRequest): boolean =>
  headers['idempotency-key'] !== undefined || routeOptions.config.derivesKey === true;

// The till that repeats an executed write with a mistyped API key may not know that either, nor may an old one.
const mayRepeat = (code: ErrorCode, { headers, routeOptions }: FastifyRequest): boolean =>
  headers['idempotency-key'] !== undefined ||
  (code === 'unauthenticated' && routeOptions.config.derivesKey === true);

/** How many causes of an error are logged after it: what a store said comes as the cause of ours, or as the cause of that. */
const CAUSES = 2;

// An error's fields may contain query parameters; its stack does not.
function textOf(error: unknown, causes = CAUSES): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return causes > 0 && error.cause instanceof Error
    ? `${own}\nCaused by: ${textOf(error.cause, causes - 1)}`
    : own;
}
