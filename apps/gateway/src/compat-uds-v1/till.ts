import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ReadTerms } from '#outbound';
import { callerOf } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { audienceOf } from '../http/intent.js';
import type { Audience } from '../http/intent.js';
import { waitLeft } from '../http/prefer.js';
import type { RequestTiming } from '../http/timing.js';
import { givenIn } from './given.js';
import type { Given } from './given.js';

/** One call of an old till: its caller, its parameters and its remaining wait. */
export interface Till {
  caller: Caller;
  given: Given;
  /** The remainder of 4 s, or of the wait that a proxy sends in `Prefer`, when read. */
  readonly waitMs: number;
  audience: Audience;
  timing: RequestTiming;
  /** Whether its route can no longer answer it: it has disconnected, or was answered by `watchWait`. */
  isGone(): boolean;
}

/** The current call: `company(@CurrentTill() till: Till)`. */
export const CurrentTill = createParamDecorator((_: unknown, context: ExecutionContext): Till => {
  const http = context.switchToHttp();
  const request = http.getRequest<FastifyRequest>();
  const reply = http.getResponse<FastifyReply>();
  return {
    caller: callerOf(request),
    given: givenIn(request.query, request.body),
    get waitMs() {
      return waitLeft(request);
    },
    audience: audienceOf(request),
    timing: request.timing,
    isGone: () => request.raw.socket.destroyed || reply.raw.headersSent,
  };
});

/** How long a read for a till may take, and in which language it is refused. */
export const termsOf = ({ waitMs, timing, audience }: Till): ReadTerms => ({
  waitMs,
  timing,
  language: audience.language,
});
