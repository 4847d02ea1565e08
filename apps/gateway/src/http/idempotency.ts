import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Refusal, readIdempotencyKey } from '#canonical';
import { documented } from './documented.js';

/** The usable key of an `Idempotency-Key` header; throws 400 without one. */
export function requiredKey(header: string | string[] | undefined): string {
  if (header === undefined || header === '') throw new Refusal('idempotency-key-missing');
  const read = typeof header === 'string' ? readIdempotencyKey(header) : undefined;
  if (read === undefined) throw new Refusal('idempotency-key-invalid');
  return read;
}

/** The usable key of a request, if it has one. */
export function givenKey({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const header = headers['idempotency-key'];
  return typeof header === 'string' ? readIdempotencyKey(header) : undefined;
}

const key = createParamDecorator((_: unknown, context: ExecutionContext): string =>
  requiredKey(context.switchToHttp().getRequest<FastifyRequest>().headers['idempotency-key']),
);

const header = {
  name: 'Idempotency-Key',
  description:
    'One per intent, the same on every retry: 16 to 255 visible ASCII characters. In the playground, give each new body a new one.',
  schema: { type: 'string', minLength: 16, maxLength: 257 },
  example: 'order-2026-000117-a',
} as const;

/** Documents the header of a write that needs a key. */
export const keyHeader = ApiHeader({ ...header, required: true });

/** Documents the header of a write that is safe to repeat without a key. */
export const optionalKeyHeader = ApiHeader({ ...header, required: false });

/** The `Idempotency-Key` of a write that needs one: `create(@IdempotencyKey() key: string)`; 400 without a usable one. */
export const IdempotencyKey = (): ParameterDecorator => documented(key(), keyHeader);
