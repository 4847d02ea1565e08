import { readFileSync } from 'node:fs';

/** A JSON schema as docs/openapi.json writes it. */
export interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  nullable?: boolean;
  example?: unknown;
}

export interface Parameter {
  name: string;
  in: 'query' | 'path' | 'header';
  required?: boolean;
  schema: Schema;
}

type Content = Record<string, { schema?: Schema; examples?: object }>;

/** One call of the API. */
export interface ApiCall {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  parameters: Parameter[];
  body?: Schema;
  responses: Record<string, { content?: Content }>;
}

/** docs/openapi.json. */
export const document = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Resolves a schema's reference. */
export function resolved(schema: Schema): Schema {
  if (!schema.$ref) return schema;
  return resolved(document.components.schemas[schema.$ref.split('/').at(-1)!]);
}

/** Every call except event streams, which do not end. */
export const calls: ApiCall[] = Object.entries<any>(document.paths).flatMap(([path, item]) =>
  methods.flatMap(method => {
    const operation = item[method];
    if (!operation || path.endsWith('/stream')) return [];
    return [
      {
        method: method.toUpperCase() as ApiCall['method'],
        path,
        parameters: (operation.parameters ?? []).filter((each: Parameter) => each.schema),
        body: operation.requestBody?.content?.['application/json']?.schema,
        responses: operation.responses,
      },
    ];
  }),
);
