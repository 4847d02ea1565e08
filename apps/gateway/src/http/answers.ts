import { HttpCode, applyDecorators } from '@nestjs/common';
import { ApiExtension, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { Class, ErrorCode } from '#canonical';

/** Bodies of a route's good answers by status: a class, or null for an empty body. */
export type Bodies = Partial<Record<200 | 201 | 202 | 204, Class | [Class] | null>>;

/**
 * Documents a route: a title, its good answers, and the problems that are its own. The first status is the one that Nest
 * answers with unless the route returns an `Answer`. Problems that any route of its kind may have are added by themselves.
 */
export function Answers(title: string, bodies: Bodies, problems: ErrorCode[] = []): MethodDecorator {
  const [first] = Object.keys(bodies).map(Number);
  return applyDecorators(
    HttpCode(first!),
    ApiOperation({ summary: title }),
    ApiExtension('x-problems', problems),
    ...Object.entries(bodies).map(([status, type]) => {
      const stood = status === '200' && '201' in bodies;
      const description = stood ? KNOWN : descriptions[Number(status) as keyof typeof descriptions];
      return ApiResponse({ status: Number(status), description, ...(type && { type }) });
    }),
  );
}

const KNOWN = 'The `merchantReference` was known: the result of that first request.';

const descriptions = {
  200: 'Done.',
  201: 'Created.',
  202: 'Not settled yet. Send the same request again with the same key, which joins the wait, or read `Location` (scope `operations:read`). Never send it under a new key.',
  204: 'Done; no content.',
};
