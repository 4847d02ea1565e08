import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '#canonical';
import { isAnswered, toldAs } from './problem.filter.js';
import { readPrefer } from './prefer.js';

/** How long after its caller's wait a request is answered whatever happens, in milliseconds: only a store that says nothing takes so long. */
const GRACE_MS = 3_000;

/** Answers in place of a till's route that is far past the till's wait: otherwise a Postgres that hangs would keep the till waiting. */
export function watchWait(request: FastifyRequest, reply: FastifyReply): void {
  if (!isTills(request)) return;
  const timer = setTimeout(
    () => answerLate(request, reply),
    readPrefer(request.headers['prefer']) + GRACE_MS,
  );
  reply.raw.once('close', () => clearTimeout(timer));
}

const isTills = ({ method, routeOptions }: FastifyRequest): boolean =>
  method !== 'DELETE' &&
  (routeOptions.config.scopes ?? []).some(scope => /^((loyalty|referral):|compat$)/.test(scope));

// Written directly, past the framework: the route may still answer while hooks run, and would send a second one.
function answerLate(request: FastifyRequest, reply: FastifyReply): void {
  if (isAnswered(reply)) return;
  const { status, headers, body } = toldAs(new Refusal('dependency-unavailable'), request);
  reply.hijack();
  reply.raw
    .writeHead(status, {
      ...headers,
      'x-request-id': request.id,
      'cache-control': 'no-store',
    })
    .end(JSON.stringify(body));
}
