import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, raceWith } from 'rxjs';
import { Stopping } from '../stopping.js';

/** What goes with an answer beside its body. */
export interface AnswerHeaders {
  location?: string;
  /** The answer stood already, under this key. */
  replayed?: boolean;
  retryAfterSeconds?: number;
}

/** An answer whose status or headers depend on what happened; a route that returns anything else answers 200 (201 for POST) with it. */
export class Answer {
  constructor(
    readonly status: number,
    readonly body: unknown,
    readonly headers: AnswerHeaders = {},
  ) {}
}

/** Sends the status and headers of an `Answer`; at shutdown, answers for a route that takes too long. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  constructor(private readonly stopping: Stopping) {}

  intercept(context: ExecutionContext, next: CallHandler) {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      raceWith(this.stopping.tooLate),
      map(answer => (answer instanceof Answer ? put(reply, answer) : answer)),
    );
  }
}

function put(reply: FastifyReply, { status, body, headers }: Answer): unknown {
  void reply.code(status);
  if (status >= 400) void reply.type('application/problem+json');
  if (headers.location !== undefined) void reply.header('location', headers.location);
  if (headers.replayed) void reply.header('idempotency-replayed', 'true');
  if (headers.retryAfterSeconds !== undefined) void reply.header('retry-after', headers.retryAfterSeconds);
  return body;
}
