import { Inject, UseGuards, applyDecorators } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { parameter } from '../http/body.pipe.js';
import { ConnectionResolver } from './connection-resolver.js';
import { connectionHeader, namedConnection } from './current-connection.js';

/** Finds what the `:id` of a path names, among a tenant's own. */
export type FindResource = (
  core: Core,
  tenantId: string,
  id: string,
) => Promise<{ connectionId: string } | null>;

/** Refuses with 404 a `Gateway-Connection` other than the resource's. For routes that have no other use for the connection. */
export function AgreedConnection(find: FindResource): MethodDecorator {
  class AgreedConnectionGuard implements CanActivate {
    constructor(
      @Inject(CORE) readonly core: Core,
      @Inject(ConnectionResolver) readonly resolver: ConnectionResolver,
    ) {}

    async canActivate(context: ExecutionContext): Promise<boolean> {
      const request = context.switchToHttp().getRequest<FastifyRequest<{ Params: { id: string } }>>();
      const named = namedConnection(request);
      if (named === undefined) return true;
      const { caller, params } = request;
      // What is not there is the route's own to tell.
      const found = await find(this.core, caller!.tenantId, parameter(params.id));
      if (found) await this.resolver.agree(caller!, named, found.connectionId);
      return true;
    }
  }
  return applyDecorators(UseGuards(AgreedConnectionGuard), connectionHeader);
}
