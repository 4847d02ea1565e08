import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { languageOf } from '#canonical';
import type { Submission } from '#outbound';
import type { Caller } from '../auth/caller.js';
import { readPrefer } from '../http/prefer.js';
import type { RequestTiming } from '../http/timing.js';
import { givenIn } from './given.js';
import type { Given } from './given.js';

/** One call of an old till: its caller, its parameters and its remaining wait. */
export interface Till {
  caller: Caller;
  given: Given;
  /** The remainder of 4 s, or of the wait that a proxy sends in `Prefer`, when read. */
  readonly waitMs: number;
  audience: NonNullable<Submission['audience']>;
  timing: RequestTiming;
  /** Whether its route can no longer answer it: it has disconnected, or was answered by `watchWait`. */
  isGone(): boolean;
}

/** The current call: `company(@CurrentTill() till: Till)`. */
export const CurrentTill = createParamDecorator((_: unknown, context: ExecutionContext): Till => {
  const http = context.switchToHttp();
  const { caller, query, body, headers, id, timing, raw } = http.getRequest<FastifyRequest>();
  const reply = http.getResponse<FastifyReply>();
  if (!caller) throw new Error('A till without a key has come in.');
  const waitMs = readPrefer(headers['prefer']);
  return {
    caller,
    given: givenIn(query, body),
    get waitMs() {
      return timing.leftOf(waitMs);
    },
    audience: { requestId: id, language: languageOf(headers['accept-language']) },
    timing,
    isGone: () => raw.socket.destroyed || reply.raw.headersSent,
  };
});
