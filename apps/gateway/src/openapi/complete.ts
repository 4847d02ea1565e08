import { bodyExamples, errorTable } from '#canonical';
import { keyParameter } from './api-operation.js';
import type { ApiDocument, ApiOperation, ApiResponse } from './api-operation.js';
import { closeBodies } from './close-bodies.js';
import { kindByRoute, offeredBy } from './offered-by.js';
import { examplesOf, problemExamples } from './problem-examples.js';
import { problemsOf } from './problems-of.js';

const problemBody = (examples: object) => ({
  'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, examples },
});

const text = (description: string, example: string) => ({ description, schema: { type: 'string', example } });
const headers: Record<string, object> = {
  'X-Request-Id': text('The request’s own id, or a generated one.', '01h455vb4pex5vsknk084sn02q'),
  Location: text(
    'The resource; with 202, or if the resource has no path of its own, the operation.',
    '/v1/operations/opr_01h455vb4pex5vsknk084sn02q',
  ),
  'Idempotency-Replayed': text('`true` = the stored answer of an earlier request with this key.', 'true'),
  'Retry-After': text('Seconds.', '2'),
  'RateLimit-Policy': text('The limits of the key and of the lane.', '"key";q=200;w=1, "lane";q=5;w=1'),
  RateLimit: text('What remains of them.', '"key";r=199;t=1, "lane";r=4;t=1'),
  'Server-Timing': text(
    'How the time was spent, in milliseconds.',
    'gateway;dur=1.8, queue;dur=0.0, provider;dur=48.1',
  ),
};
const named = (...names: string[]) =>
  Object.fromEntries(names.map(name => [name, { $ref: `#/components/headers/${name}` }]));

/** Adds what applies to all routes: problems, headers, examples, scopes, supporting providers. */
export function complete(document: ApiDocument): ApiDocument {
  letNullsThrough(document);
  letAnythingThrough(document);
  dropUnused(document);
  // If an adapter names no class, the answer is free-form.
  Object.assign(document.components.schemas['ProviderAnswer'] ?? {}, { additionalProperties: true });
  document.components.headers = headers;
  document.components.examples = problemExamples();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      // Generated routes have no method name to derive an id from.
      if (operation.operationId?.endsWith('-')) operation.operationId = nameByRoute(method, path);
      completeOperation(`${method.toUpperCase()} ${path}`, operation);
      addExamples(document, operation);
    }
  }
  closeBodies(document);
  return document;
}

function completeOperation(route: string, operation: ApiOperation): void {
  const scopes = operation['x-scopes'];
  const kind = kindByRoute[route];
  operation.description = [
    operation.description,
    scopes && `Scope: \`${scopes.join('` and `')}\`.`,
    kind && offeredBy(kind),
  ]
    .filter(Boolean)
    .join(' ');
  if (!scopes) operation.security = [];
  for (const [status, response] of Object.entries(operation.responses))
    addHeaders(Number(status), response, operation);
  // A route with its own default answer does not use problems.
  if (!operation.responses['default']) addProblems(route, operation);
  delete operation['x-problems'];
}

function addHeaders(status: number, response: ApiResponse, operation: ApiOperation): void {
  // Without a key, a repeat is another request.
  const keyed = keyParameter(operation) !== undefined;
  if (status === 201 && keyed) response.description += ' A repeat with the same key gets the same answer.';
  response.headers = {
    ...named(...alwaysSent(operation, status)),
    ...((status === 201 || hasOperation(operation)) && named('Location')),
    ...(keyed && named('Idempotency-Replayed')),
  };
}

// A limit belongs to a key that is known.
const alwaysSent = (operation: ApiOperation, status?: number): string[] => [
  'X-Request-Id',
  'Server-Timing',
  ...(operation['x-scopes'] && status !== 401 ? ['RateLimit-Policy', 'RateLimit'] : []),
];

// A write that goes to a provider.
const hasOperation = ({ responses }: ApiOperation): boolean => '202' in responses;

// Statuses of refusals that may come after a write was accepted, and are then stored under its key.
const STORED = [404, 409, 410, 422, 424];

const RETRYABLE = [429, 503];
// Its conflict with a running look-up passes.
const DECISION = 'POST /v1/operations/{id}/resolve';

const BEFORE_ACCEPTANCE =
  'A write that finds its lane full or its provider silent is queued: 202. `lane-saturated`, `circuit-open` and `provider-unavailable` come only where the provider is asked for something before the write is accepted, such as a balance for `advisoryHolds`.';

function addProblems(route: string, operation: ApiOperation): void {
  const codes = problemsOf(route, operation);
  const statuses = [...new Set(codes.map(code => errorTable[code].status))].sort((a, b) => a - b);
  for (const status of statuses) {
    const here = codes.filter(code => errorTable[code].status === status);
    const description = here.map(code => `\`${code}\`: ${errorTable[code].title}.`).join(' ');
    const queues = status === 503 && hasOperation(operation);
    operation.responses[status] = {
      description: queues ? `${description} ${BEFORE_ACCEPTANCE}` : description,
      headers: named(
        ...alwaysSent(operation, status),
        ...(RETRYABLE.includes(status) || (status === 409 && route === DECISION) ? ['Retry-After'] : []),
        ...(hasOperation(operation) && STORED.includes(status) ? ['Idempotency-Replayed'] : []),
      ),
      content: problemBody(Object.assign({}, ...here.map(code => examplesOf(code, route, operation)))),
    };
  }
  operation.responses['default'] = {
    description: 'Any other problem.',
    headers: named(...alwaysSent(operation)),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

// Every example body works against the sandbox; every call has its own key.
function addExamples({ components }: ApiDocument, operation: ApiOperation): void {
  const media = operation.requestBody?.content['application/json'];
  const type = nameOf(media?.schema?.$ref) as keyof typeof bodyExamples;
  if (media && type in bodyExamples) media.examples ??= bodyExamples[type];
  if (media && !media.examples) media.example = exampleFrom(components.schemas[type]);
  const key = keyParameter(operation);
  if (key) key.example = `example-${operation.operationId}-1`;
}

// Without an example the playground fills fields with texts like "string", which are refused.
function exampleFrom(schema: Record<string, unknown> | undefined): object {
  const fields = Object.entries((schema?.['properties'] ?? {}) as Record<string, { example?: unknown }>);
  return Object.fromEntries(
    fields.flatMap(([name, { example }]) => (example === undefined ? [] : [[name, example]])),
  );
}

const nameByRoute = (method: string, path: string): string =>
  [method, ...path.split(/[^\w]+/).filter(word => word !== '' && word !== 'v1')].join('-');

const nameOf = (ref: string | undefined): string => ref?.split('/').at(-1) ?? '';

// A schema without a type lets any value through, as a provider's answer may be a list or a text; the generator always writes one.
function letAnythingThrough({ components }: ApiDocument): void {
  for (const field of fieldsOf(components))
    if (field['x-any']) for (const name of ['x-any', 'type']) delete field[name];
}

// A nullable enum must be written out, since a reference cannot include null.
function letNullsThrough({ components }: ApiDocument): void {
  for (const field of fieldsOf(components)) {
    const [whole] = (field['allOf'] ?? []) as { $ref?: string }[];
    const words = components.schemas[nameOf(whole?.$ref)]?.['enum'] as string[] | undefined;
    if (!field['nullable'] || !words) continue;
    delete field['allOf'];
    Object.assign(field, { type: 'string', enum: [...words, null] });
  }
}

const fieldsOf = ({ schemas }: ApiDocument['components']): Record<string, unknown>[] =>
  Object.values(schemas).flatMap(({ properties }) =>
    Object.values((properties ?? {}) as Record<string, Record<string, unknown>>),
  );

// A written-out enum may have no other use; unreferenced schemas are dropped.
function dropUnused(document: ApiDocument): void {
  const { schemas } = document.components;
  const text = JSON.stringify(document);
  for (const name of Object.keys(schemas).filter(one => 'enum' in schemas[one]!)) {
    if (!text.includes(`"#/components/schemas/${name}"`)) delete schemas[name];
  }
}
