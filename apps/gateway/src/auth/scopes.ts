import { ApiBearerAuth, ApiExtension } from '@nestjs/swagger';
import type { Scope } from '#canonical';
import { routeOption } from '../http/route-options.js';

/** What a key needs to call this route. A route that says neither this nor `@Public()` stops the start. */
export function Scopes(...scopes: [Scope, ...Scope[]]): MethodDecorator {
  const decorators = [routeOption({ scopes }), ApiBearerAuth('key'), ApiExtension('x-scopes', scopes)];
  return (target, key, descriptor) => decorators.forEach(decorate => decorate(target, key, descriptor));
}

/** Nobody has to say who they are. */
export const Public = (): MethodDecorator => routeOption({ open: true });
