import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { Language, Problem, Scope } from '#canonical';

/** Options of a route; Fastify's hooks read them before the body is read. */
export interface RouteOptions {
  /** All of these are needed. */
  scopes?: readonly Scope[];
  /** Nobody has to say who they are. */
  open?: true;
  /** Maximum body size in bytes; default 256 KiB. */
  bodyLimit?: number;
  /** It reads no body. */
  noBody?: true;
  /** It takes a `CurrentConnection`. */
  connection?: true;
  /** Where else than in `Authorization` the key may stand (lower case). */
  keyHeader?: string;
  /** Of callers that name none. */
  language?: Language;
  /** Its callers have no idempotency keys: it finds an earlier write like theirs itself, also one of a connection that was deleted. */
  derivesKey?: true;
  /** The problem format of clients that do not know RFC 9457. */
  problemBody?: (problem: Problem) => { status: number; body: object };
}

declare module 'fastify' {
  interface FastifyContextConfig extends RouteOptions {}
}

/** Whether the route of a request changes something: a POST that only looks something up does not. */
export const isWrite = ({ method, routeOptions }: Pick<FastifyRequest, 'method' | 'routeOptions'>): boolean =>
  method !== 'GET' && (routeOptions.config?.scopes ?? []).some(scope => !scope.endsWith(':read'));

/** Whether a request asks what became of an earlier write, or acts on it: an operation, or what tills make. */
export const asksOutcome = ({
  method,
  routeOptions,
}: Pick<FastifyRequest, 'method' | 'routeOptions'>): boolean =>
  /^\/v1\/operations\b/.test(routeOptions.url ?? '') ||
  (method === 'GET' && /^\/v1\/(purchases|refunds|holds)\b/.test(routeOptions.url ?? ''));

const known = new WeakMap<object, RouteOptions>();

/** Adds to what a route says of itself; the decorators below and in `auth/` are made of it. */
export function routeOption(said: RouteOptions): MethodDecorator {
  return (target, key, descriptor) => {
    const route = descriptor.value as object;
    const before = known.get(route);
    if (before) return void Object.assign(before, said);
    const options = { ...said };
    known.set(route, options);
    RouteConfig(options)(target, key, descriptor);
  };
}

/** Lets a route take bodies of more than 256 KiB. */
export const BodyLimit = (bytes: number): MethodDecorator => routeOption({ bodyLimit: bytes });

/** Refuses every field of a body, because the route reads none. */
export const NoBody = (): MethodDecorator => routeOption({ noBody: true });

/** Accepts the key in another header than `Authorization`: for clients that cannot be changed. */
export const KeyHeader = (name: string): MethodDecorator => routeOption({ keyHeader: name.toLowerCase() });

/** Sends a route's problems in another format: for clients that cannot be changed. */
export const ProblemBody = (body: NonNullable<RouteOptions['problemBody']>): MethodDecorator =>
  routeOption({ problemBody: body });
