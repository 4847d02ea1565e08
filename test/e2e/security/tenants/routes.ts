import type { Ask } from '../../../support/gateway.js';

/** One route of the OpenAPI document. */
export interface Route {
  method: NonNullable<Ask['method']>;
  /** With its parameter in braces. */
  path: string;
  /** Accepts `Gateway-Connection`. */
  named: boolean;
  at(id: string): string;
  /** A valid request, with the document's example as body. */
  ask(): Ask;
}

/** Every route that the running gateway documents. */
export function routesOf(document: any): Route[] {
  return Object.entries<any>(document.paths).flatMap(([path, methods]) =>
    Object.entries<any>(methods).map(([method, operation]) => {
      const verb = method.toUpperCase() as Route['method'];
      const body = bodyOf(document, operation);
      return {
        method: verb,
        path,
        named: (operation.parameters ?? []).some((one: any) => one.name === 'Gateway-Connection'),
        at: (id: string) => path.replace(/\{\w+\}/, id) + queryOf(operation),
        ask: () => ({ method: verb, path: path + queryOf(operation), ...(body !== undefined && { body }) }),
      };
    }),
  );
}

// Ids under /v1/x are the provider's, except `customerId`.
const others = /^\/(problems|v1\/providers|v1\/tenants|v1\/x\/\w+\/(?!.*\{customerId\}))/;

/** Routes with a gateway id as parameter; the façade’s numbers have their own test. */
export const byId = (routes: Route[]): Route[] =>
  routes.filter(({ path }) => path.includes('{') && !others.test(path) && !path.startsWith('/compat/'));

/** Routes that accept a connection name. */
export const named = (routes: Route[]): Route[] => routes.filter(route => route.named);

/** List routes. */
export const inLists = (routes: Route[]): Route[] =>
  routes.filter(
    ({ method, path }) =>
      method === 'GET' && path.startsWith('/v1/') && !/\{|providers$|tenants$|stream$/.test(path),
  );

function bodyOf(document: any, { requestBody }: any): unknown {
  const content = requestBody?.content?.['application/json'];
  if (!content) return undefined;
  const [first] = Object.values<any>(content.examples ?? {});
  return first?.value ?? content.example ?? exampleOf(document, content.schema);
}

function queryOf({ parameters = [] }: any): string {
  const needed = parameters.filter((one: any) => one.in === 'query' && one.required);
  const pairs = needed.map(
    (one: any) => `${one.name}=${one.example ?? one.schema?.example ?? one.schema?.enum?.[0] ?? 'x'}`,
  );
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

/** A valid value for a schema: its example, or one built from its required properties. */
function exampleOf(document: any, schema: any): any {
  if (schema?.$ref) return exampleOf(document, document.components.schemas[schema.$ref.split('/').at(-1)]);
  if (schema?.example !== undefined) return schema.example;
  if (schema?.allOf) return exampleOf(document, schema.allOf[0]);
  if (schema?.enum) return schema.enum[0];
  if (schema?.type === 'array') return [exampleOf(document, schema.items)];
  if (schema?.type !== 'object') return 'x';
  const { properties = {}, required = [] } = schema;
  return Object.fromEntries(required.map((name: string) => [name, exampleOf(document, properties[name])]));
}
