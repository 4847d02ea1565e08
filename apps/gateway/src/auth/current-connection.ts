import { Injectable, createParamDecorator } from '@nestjs/common';
import type { ExecutionContext, PipeTransform } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '#canonical';
import type { OpenConnection, RepeatedWrite } from '#outbound';
import { ConnectionResolver } from './connection-resolver.js';
import { documented } from '../http/documented.js';
import { givenKey } from '../http/idempotency.js';
import { isWrite, routeOption } from '../http/route-options.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The request’s connection, requested as soon as its headers had arrived. */
    early?: { connection: Promise<OpenConnection>; at: number };
  }
}

/** If the body arrives later than this after the headers (ms), the connection is read again: it may have been paused meanwhile. */
const EARLY_MS = 250;

/** The `Gateway-Connection` header: an id or a slug, trimmed; absent or empty = none. Throws 400 for one that cannot be either. */
export function namedConnection({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const named = headers['gateway-connection'];
  if (named === undefined || named === '') return undefined;
  if (typeof named === 'string' && /^[\w-]{1,64}$/.test(named)) return named;
  throw new Refusal('not-found', { detail: 'Gateway-Connection takes the id or the slug of a connection.' });
}

/** By what an earlier write that this request repeats would be found. */
export const repeatedWrite = (request: FastifyRequest): Omit<RepeatedWrite, 'tenantId'> => ({
  named: namedConnection(request),
  idempotencyKey: isWrite(request) ? givenKey(request) : undefined,
  derivesKey: isWrite(request) && request.routeOptions.config.derivesKey,
  body: request.body,
});

/** Starts opening the connection before the body has arrived, so that Postgres answers while the body is read and validated. */
export function openEarly(resolver: ConnectionResolver, request: FastifyRequest): void {
  const connection = openFor(resolver, request);
  // The pipe reports a failure, after any fault of the body.
  connection.catch(() => undefined);
  request.early = { connection, at: performance.now() };
}

const openFor = async (resolver: ConnectionResolver, request: FastifyRequest): Promise<OpenConnection> =>
  resolver.open(request.caller!, namedConnection(request));

const stillFresh = ({ early }: FastifyRequest): Promise<OpenConnection> | undefined =>
  early && performance.now() - early.at <= EARLY_MS ? early.connection : undefined;

/** Opens the connection of a request; see `CurrentConnection`. */
@Injectable()
export class ConnectionPipe implements PipeTransform<FastifyRequest, Promise<OpenConnection>> {
  constructor(private readonly resolver: ConnectionResolver) {}

  async transform(request: FastifyRequest): Promise<OpenConnection> {
    const opened = stillFresh(request) ?? openFor(this.resolver, request);
    const connection = await opened.catch(refusal =>
      this.resolver.ofRepeat(request.caller!, repeatedWrite(request), refusal),
    );
    request.timing.uses(connection.lane);
    return connection;
  }
}

const request = createParamDecorator((_: unknown, context: ExecutionContext): FastifyRequest =>
  context.switchToHttp().getRequest<FastifyRequest>(),
);

const named = createParamDecorator((_: unknown, context: ExecutionContext) =>
  namedConnection(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** Documents the `Gateway-Connection` header. */
export const connectionHeader = ApiHeader({
  name: 'Gateway-Connection',
  required: false,
  description: 'The provider account: id or slug. Without it the key’s default, or the only one.',
  schema: { type: 'string', maxLength: 64 },
});

/** The connection that the request means, opened: `create(@CurrentConnection() connection: OpenConnection)`. */
export const CurrentConnection = (): ParameterDecorator =>
  documented(documented(request(ConnectionPipe), connectionHeader), routeOption({ connection: true }));

/** The raw `Gateway-Connection` header, for routes whose resource has a connection: pass it to `ConnectionResolver.forResource`. */
export const NamedConnection = (): ParameterDecorator => documented(named(), connectionHeader);
