import { randomUUID } from 'node:crypto';
import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { languageOf } from '#canonical';
import { submit } from '#outbound';
import type { Submission } from '#outbound';
import type { Core } from '../core.js';
import { Answer } from './answer.js';
import { documented } from './documented.js';
import { keyHeader, optionalKeyHeader, requiredKey } from './idempotency.js';
import { waitHeader, waitLeft } from './prefer.js';
import type { RequestTiming } from './timing.js';

/** What the headers of a write say: its key, the caller's wait, and the language of refusals. */
export interface Intent {
  idempotencyKey: string;
  /** What is left of the caller's wait at the moment it is read. */
  readonly waitMs: number;
  audience: Audience;
  timing: RequestTiming;
}

/** Whom a refusal is told. */
export type Audience = NonNullable<Submission['audience']>;

/** Whom the refusals of a request are told. */
export const audienceOf = ({ headers, id }: FastifyRequest): Audience => ({
  requestId: id,
  language: languageOf(headers['accept-language']),
});

const intent = createParamDecorator((_: unknown, context: ExecutionContext): Intent => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return intentOf(request, requiredKey(request.headers['idempotency-key']));
});

const optionalIntent = createParamDecorator((_: unknown, context: ExecutionContext): Intent => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const given = request.headers['idempotency-key'];
  // A call that is safe to repeat needs no key; it gets a random one.
  return intentOf(request, given === undefined || given === '' ? `own-${randomUUID()}` : requiredKey(given));
});

function intentOf(request: FastifyRequest, idempotencyKey: string): Intent {
  return {
    idempotencyKey,
    get waitMs() {
      return waitLeft(request);
    },
    audience: audienceOf(request),
    timing: request.timing,
  };
}

/** The headers of a write that goes to a provider: `create(@CurrentIntent() intent: Intent)`; 400 without a usable key. */
export const CurrentIntent = (): ParameterDecorator =>
  documented(documented(intent(), keyHeader) as ParameterDecorator, waitHeader);

/** As `CurrentIntent`, for writes that are safe to repeat: a key is allowed and not needed. */
export const OptionalIntent = (): ParameterDecorator =>
  documented(documented(optionalIntent(), optionalKeyHeader) as ParameterDecorator, waitHeader);

/** Passes a write to the outbound library and answers with its state when the caller's wait ends. */
export async function submitted(
  core: Core,
  asked: Pick<Submission, 'kind' | 'connection' | 'body' | 'params'>,
  { timing, ...intent }: Intent,
): Promise<Answer> {
  const { status, body, location, replayed } = await submit(core, { ...asked, ...intent }, timing);
  return new Answer(status, body, { location, replayed });
}
