import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { languageOf } from '#canonical';
import type { Language } from '#canonical';

/** The language that the caller's cashier reads: `read(@CurrentLanguage() language: Language)`. */
export const CurrentLanguage = createParamDecorator((_: unknown, context: ExecutionContext): Language =>
  languageOf(context.switchToHttp().getRequest<FastifyRequest>().headers['accept-language']),
);
