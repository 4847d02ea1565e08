import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Scope } from '#canonical';

/** The caller: its key, tenant and scopes. */
export interface Caller {
  tenantId: string;
  keyId: string;
  keyName: string;
  scopes: readonly Scope[];
  /** Used when no `Gateway-Connection` is sent. */
  defaultConnectionId: string | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Absent on public routes. */
    caller?: Caller;
    /** Who calls, asked anew: for answers that outlive a look at the key. Rejects with 401 once the key has ended. */
    identify?: () => Promise<Caller>;
  }
}

/** The caller of a request to a route that is not public. */
export function callerOf({ caller }: FastifyRequest): Caller {
  if (!caller) throw new Error('A public route has no caller.');
  return caller;
}

/** The caller of this request: `list(@CurrentCaller() caller: Caller)`. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller =>
  callerOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
