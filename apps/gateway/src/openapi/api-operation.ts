import type { ErrorCode, Problem } from '#canonical';

/** An answer of a route. */
export interface ApiResponse {
  description: string;
  headers?: object;
  content?: object;
}

/** One route of the OpenAPI document, as far as we look at it. */
export interface ApiOperation {
  operationId?: string;
  description?: string;
  parameters?: {
    in: string;
    name: string;
    required?: boolean;
    schema?: Record<string, unknown>;
    example?: unknown;
  }[];
  requestBody?: {
    content: Record<string, { schema?: { $ref?: string }; example?: object; examples?: object }>;
  };
  responses: Record<string, ApiResponse>;
  security?: object[];
  'x-scopes'?: string[];
  'x-problems'?: ErrorCode[];
}

/** The `Idempotency-Key` that a route takes, if it takes one. */
export const keyParameter = ({ parameters }: ApiOperation) =>
  parameters?.find(({ name }) => name === 'Idempotency-Key');

/** The OpenAPI document, as far as we look at it. */
export interface ApiDocument {
  paths: Record<string, Record<string, ApiOperation>>;
  components: {
    schemas: Record<string, Record<string, unknown>>;
    headers?: Record<string, object>;
    examples?: Record<string, { value: Problem }>;
    securitySchemes?: Record<string, object>;
  };
  tags: { name: string; description?: string }[];
}
