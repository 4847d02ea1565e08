import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension } from '@nestjs/swagger';
import type { Scope } from '#canonical';
import { routeOption } from '../http/route-options.js';

/** What a key needs to call this route. A route that says neither this nor `@Public()` stops the start. */
export const Scopes = (...scopes: [Scope, ...Scope[]]): MethodDecorator =>
  applyDecorators(routeOption({ scopes }), ApiBearerAuth('key'), ApiExtension('x-scopes', scopes));

/** Nobody has to say who they are. */
export const Public = (): MethodDecorator => routeOption({ open: true });
