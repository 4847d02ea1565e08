import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import type { PipeTransform } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '#canonical';
import { openConnection } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { Caller } from '../auth/caller.js';
import { ConnectionResolver } from '../auth/connection-resolver.js';
import { namedConnection, repeatedWrite } from '../auth/current-connection.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { found } from '../http/found.js';

interface Wanted {
  provider: string;
  request: FastifyRequest;
}

/** The connection of an extension call: the named one; else, of a customer of ours, their own; else the key's default at this provider, or the tenant's only one there. */
@Injectable()
export class ProviderConnectionPipe implements PipeTransform<Wanted, Promise<OpenConnection>> {
  constructor(
    @Inject(CORE) private readonly core: Core,
    private readonly resolver: ConnectionResolver,
  ) {}

  async transform({ provider, request }: Wanted): Promise<OpenConnection> {
    const caller = request.caller!;
    const connection = await this.#open({ provider, request }).catch(refusal =>
      this.resolver.ofRepeat(caller, repeatedWrite(request), refusal),
    );
    if (connection.provider !== provider) {
      throw new Refusal('not-found', {
        detail: `The connection ${connection.slug} is to ${connection.provider}, not to ${provider}.`,
      });
    }
    request.timing.uses(connection.lane);
    return connection;
  }

  async #open({ provider, request }: Wanted): Promise<OpenConnection> {
    const caller = request.caller!;
    const named = namedConnection(request);
    if (named !== undefined) return this.resolver.open(caller, named);
    const { customerId } = request.params as { customerId?: string };
    return customerId === undefined ? this.#usual(caller, provider) : this.#ofCustomer(request, customerId);
  }

  async #ofCustomer(request: FastifyRequest, customerId: string): Promise<OpenConnection> {
    const { stores, database } = this.core;
    const caller = request.caller!;
    const { connectionId } = found(await stores.customers.find(database.direct, caller.tenantId, customerId));
    return this.resolver.forResource(caller, { named: undefined, connectionId }, request);
  }

  async #usual(caller: Caller, provider: string): Promise<OpenConnection> {
    const { stores, database } = this.core;
    const { defaultConnectionId: own } = caller;
    const usual = own === null ? null : await stores.connections.byId(database.direct, own);
    // Also where it was deleted since: no other account stands in for it.
    if (usual?.provider === provider) return this.resolver.open(caller, undefined);
    const [first, second] = await stores.connections.list(database.direct, caller.tenantId, {
      provider,
      limit: 2,
    });
    if (first && !second) return openConnection(this.core, first);
    return this.resolver.open(caller, undefined);
  }
}

/** The connection of a route below `/v1/x/{provider}`. */
export const ProviderConnection = (provider: string): ParameterDecorator =>
  createParamDecorator((_: unknown, context: ExecutionContext): Wanted => ({
    provider,
    request: context.switchToHttp().getRequest<FastifyRequest>(),
  }))(ProviderConnectionPipe);
