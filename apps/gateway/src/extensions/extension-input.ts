import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Extension } from '#adapter-kit';
import { Refusal, readBody, readQuery } from '#canonical';
import type { ExtensionRequest } from '#outbound';

/** The validated input of an extension's route. */
export interface ExtensionInput extends ExtensionRequest {
  params: Record<string, string>;
}

/** Reads path, query and body of an extension's route; refuses an invalid query or body. */
export const ExtensionAsked = (extension: Extension): ParameterDecorator =>
  createParamDecorator((_: unknown, context: ExecutionContext): ExtensionInput => {
    const { params, query, body } = context.switchToHttp().getRequest<FastifyRequest>();
    return {
      params: readParams(params as Record<string, string>),
      query: readQuery(extension.query ?? Nothing, query as Record<string, unknown>),
      body:
        extension.method === 'GET' || extension.method === 'DELETE'
          ? undefined
          : readBody(extension.body ?? Nothing, body),
    };
  })();

class Nothing {}

// Provider ids are part of its URLs; one that cannot be is not found.
function readParams(params: Record<string, string>): Record<string, string> {
  for (const value of Object.values(params)) {
    if (value.length > 256 || /[\p{Cc}/\\]/u.test(value) || value === '.' || value === '..')
      throw new Refusal('not-found');
  }
  return { ...params };
}
