import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Extension } from '#adapter-kit';
import { Refusal, readBody, readQuery } from '#canonical';
import type { ExtensionRequest } from '#outbound';

/** What a provider's own call is asked with, read by the extension's own classes. */
export interface ExtensionInput extends ExtensionRequest {
  params: Record<string, string>;
}

/** Reads path, query and body of an extension's route; a query or body that it does not take is refused. */
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

// Ids of a provider stand in its own URLs; one that cannot be part of a URL names nothing.
function readParams(params: Record<string, string>): Record<string, string> {
  for (const value of Object.values(params)) {
    if (value.length > 256 || /[\p{Cc}/\\]/u.test(value) || value === '.' || value === '..')
      throw new Refusal('not-found');
  }
  return { ...params };
}
