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
import { keyHeader, keyOf, optionalKeyHeader } from './idempotency.js';
import { preferHeader, readPrefer } from './prefer.js';
import type { RequestTiming } from './timing.js';

/** The headers of a write: its key, the caller's wait, and the language and format of refusals. */
export interface Intent {
  idempotencyKey: string;
  /** What is left of the caller's wait at the moment it is read. */
  readonly waitMs: number;
  audience: NonNullable<Submission['audience']>;
  timing: RequestTiming;
}

const intent = createParamDecorator((_: unknown, context: ExecutionContext): Intent => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return intentOf(request, keyOf(request.headers['idempotency-key']));
});

const optionalIntent = createParamDecorator((_: unknown, context: ExecutionContext): Intent => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const given = request.headers['idempotency-key'];
  // A call that is safe to repeat needs no key; it gets a random one.
  return intentOf(request, given === undefined || given === '' ? `own-${randomUUID()}` : keyOf(given));
});

function intentOf({ headers, id, timing }: FastifyRequest, idempotencyKey: string): Intent {
  const waitMs = readPrefer(headers['prefer']);
  return {
    idempotencyKey,
    get waitMs() {
      return timing.leftOf(waitMs);
    },
    audience: { requestId: id, language: languageOf(headers['accept-language']) },
    timing,
  };
}

const waitHeader = preferHeader(
  '`wait=N` (0 to 25 seconds, 4 by default; more counts as 25) or `respond-async`.',
);

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
