import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { languageOf } from '#canonical';
import type { Language } from '#canonical';
import { callerOf } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { documented } from './documented.js';
import { preferHeader, waitLeft } from './prefer.js';
import type { RequestTiming } from './timing.js';

/** The caller of a provider read, and how it is to be answered. */
export interface Asked {
  caller: Caller;
  /** What is left of the caller's wait at the moment it is read. */
  readonly waitMs: number;
  language: Language;
  timing: RequestTiming;
}

const asked = createParamDecorator((_: unknown, context: ExecutionContext): Asked => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return {
    caller: callerOf(request),
    get waitMs() {
      return waitLeft(request);
    },
    language: languageOf(request.headers['accept-language']),
    timing: request.timing,
  };
});

const waitHeader = preferHeader(
  '`wait=N`: how many seconds to wait for the provider (0 to 25, 4 by default; more counts as 25).',
);

/** Caller, patience and language of a read: `read(@CurrentAsk() asked: Asked)`. */
export const CurrentAsk = (): ParameterDecorator => documented(asked(), waitHeader);
