import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import { Scopes } from '../auth/scopes.js';
import { Answers } from '../http/answers.js';
import { KeyHeader, ProblemBody, routeOption } from '../http/route-options.js';
import { KEY_HEADER } from './let-old-tills-in.js';
import { V1Refused } from './shapes.js';
import { v1Error } from './v1-error.js';

/** Speaks Russian to callers that name no language: v1 had no other, and old programs send no `Accept-Language`, or the `*` of their library. */
export const InRussian = (): MethodDecorator => routeOption({ language: 'ru' });

/** A v1 route: the key in `X-Api-Key`, 200 for every success, refusals in v1 format. */
export const V1Route = (title: string, type: new () => object): MethodDecorator =>
  applyDecorators(
    Scopes('compat'),
    KeyHeader(KEY_HEADER),
    ProblemBody(v1Error),
    InRussian(),
    routeOption({ derivesKey: true }),
    Answers(title, { 200: type }),
    ApiHeader({
      name: 'X-Api-Key',
      required: false,
      description: 'The API key; v1 has no other place for it.',
    }),
    ApiResponse({ status: '4XX', description: 'A refusal, in v1 format.', type: V1Refused }),
    ApiResponse({
      status: 'default',
      description: 'Not possible now (503, 501), or outcome not known yet (504), in v1 format.',
      type: V1Refused,
    }),
  );
