import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { documented } from './documented.js';

/** How long a caller waits who does not say so. */
export const USUAL_WAIT_MS = 4_000;
const MOST_SECONDS = 25;

/** How long the caller waits, in milliseconds, by `Prefer: wait=N` or `respond-async`; the usual time for one who does not say so. */
export const readPrefer = (header: string | string[] | undefined): number =>
  sentWait(header) ?? USUAL_WAIT_MS;

/**
 * The wait that was sent, if any. Nothing is refused (RFC 7240): other preferences and waits that cannot be read are passed
 * over, for the request may repeat a sale that was executed.
 */
function sentWait(header: string | string[] | undefined): number | undefined {
  const words = [header ?? []].flat().join(',').split(',');
  let ms: number | undefined;
  for (const word of words) {
    const [name, value] = preference(word);
    if (name === 'wait') ms ??= waitMs(value);
  }
  return ms ?? (words.some(word => preference(word)[0] === 'respond-async') ? 0 : undefined);
}

function preference(word: string): [string, string | undefined] {
  const [name = '', value] = word.split(';')[0]!.split('=');
  return [name.trim().toLowerCase(), value?.trim().replace(/^"(.*)"$/, '$1')];
}

const waitMs = (seconds = ''): number | undefined =>
  /^\d+$/.test(seconds) ? Math.min(Number(seconds), MOST_SECONDS) * 1000 : undefined;

/** What is left of a caller's wait, in milliseconds. */
export const waitLeft = ({ headers, timing }: FastifyRequest): number =>
  timing.leftOf(readPrefer(headers['prefer']));

const wait = createParamDecorator((_: unknown, context: ExecutionContext): number =>
  waitLeft(context.switchToHttp().getRequest<FastifyRequest>()),
);

const sent = createParamDecorator((_: unknown, context: ExecutionContext): number | undefined => {
  const { headers, timing } = context.switchToHttp().getRequest<FastifyRequest>();
  const ms = sentWait(headers['prefer']);
  return ms === undefined ? undefined : timing.leftOf(ms);
});

/** Documents the `Prefer` header. */
export const preferHeader = (description: string) =>
  ApiHeader({
    name: 'Prefer',
    required: false,
    description,
    schema: { type: 'string', example: 'wait=4' },
  });

/** Documents the `Prefer` header of a call that may also be answered before it is settled. */
export const waitHeader = preferHeader(
  '`wait=N` (0 to 25 seconds, 4 by default; more counts as 25) or `respond-async`.',
);

/** What is left of the caller's wait when the handler begins, in milliseconds: `create(@WaitMs() waitMs: number)`. */
export const WaitMs = (): ParameterDecorator => documented(wait(), waitHeader);

/** The same of a wait that was sent, `undefined` without one: for calls of an operator, who waits for an answer that proves something. */
export const SentWaitMs = (): ParameterDecorator =>
  documented(
    sent(),
    preferHeader(
      '`wait=N` (0 to 25 seconds; more counts as 25) or `respond-async`; without it, the check takes up to 10 seconds.',
    ),
  );
