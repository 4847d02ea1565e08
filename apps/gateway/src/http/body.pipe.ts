import { Injectable } from '@nestjs/common';
import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { Refusal, readBody, readQuery } from '#canonical';

const plain: unknown[] = [Object, String, Number, Boolean, Array];

/**
 * Reads what a route declares: `@Body() body: PurchaseCreate` and `@Query() query: PurchasesQuery` arrive validated by the
 * one validator that commands use as well. A body declared as `unknown` arrives as it came.
 */
@Injectable()
export class BodyPipe implements PipeTransform<unknown> {
  transform(value: unknown, { type, metatype, data }: ArgumentMetadata): unknown {
    if (type === 'param') return parameter(value);
    if (!metatype || plain.includes(metatype) || data !== undefined) return value;
    if (type === 'body') return readBody(metatype as new () => object, value);
    if (type === 'query') return readQuery(metatype as new () => object, value as Record<string, unknown>);
    return value;
  }
}

/** A part of a path as it came; `not-found` with control characters: no id of anybody has one, and Postgres does not take them. */
export function parameter<T>(value: T): T {
  if (typeof value === 'string' && /\p{Cc}/u.test(value)) throw new Refusal('not-found');
  return value;
}
