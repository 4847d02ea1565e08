import { readFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { bodyExamples, errorCodes, errorTable } from '#canonical';
import { pino } from 'pino';
import { beforeAll, describe, expect, it } from 'vitest';
import { GatewayModule } from '../gateway.module.js';
import type { GatewayParts } from '../gateway.module.js';
import type { ApiDocument } from './api-operation.js';
import { describeApi } from './describe.js';
import { errorsDocument } from './errors-document.js';
import { kindByRoute } from './offered-by.js';

const IN_DOUBT = '-in-doubt';

describe('the OpenAPI document', () => {
  let document: ApiDocument;

  beforeAll(async () => {
    const parts = { logger: pino({ level: 'silent' }), open: {} } as unknown as GatewayParts;
    const options = { preview: true, logger: false } as const;
    const app = await NestFactory.create(GatewayModule.of(parts), new FastifyAdapter(), options);
    document = describeApi(app) as unknown as ApiDocument;
    await app.close();
  });

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        route: `${method.toUpperCase()} ${path}`,
        operation,
      })),
    );

  it('has the codes of the errors table and no others', () => {
    expect((document.components.schemas['ErrorCode'] as { enum: string[] }).enum.toSorted()).toEqual(
      errorCodes.toSorted(),
    );
    const examples = Object.keys(document.components.examples!).filter(name => !name.endsWith(IN_DOUBT));
    expect(examples.toSorted()).toEqual(errorCodes.toSorted());
    const titles = [...errorsDocument().matchAll(/^## ([a-z-]+)$/gm)].map(([, code]) => String(code));
    expect(titles.toSorted()).toEqual(errorCodes.toSorted());
  });

  it('contains no unused schema', () => {
    const text = JSON.stringify(document);
    for (const [kind, named] of Object.entries(document.components)) {
      if (kind === 'securitySchemes') continue;
      for (const name of Object.keys(named as object)) {
        expect(text, name).toContain(`"#/components/${kind}/${name}"`);
      }
    }
  });

  it('shows a till’s key that can follow what the till’s writes leave open', () => {
    const { scopes } = bodyExamples.ApiKeyCreate.till.value;
    const writes = operations().filter(
      ({ operation }) => '202' in operation.responses && operation['x-scopes']?.join() === 'loyalty:write',
    );
    expect(writes.map(({ route }) => route)).toContain('POST /v1/purchases');
    const location = document.paths['/v1/operations/{id}']!['get']!;
    for (const { operation } of [...writes, { operation: location }])
      expect(scopes).toEqual(expect.arrayContaining(operation['x-scopes']!));
  });

  it('documents the refusal of a key for every call that needs one', () => {
    for (const { route, operation } of operations()) {
      const refusals = Object.keys(operation.responses).filter(status => status.startsWith('4'));
      if (operation['x-scopes']) expect(refusals, route).not.toEqual([]);
    }
  });

  type Shown = Record<string, { value?: object }>;
  it('shows a body that can be sent for every call that takes one', () => {
    for (const { route, operation } of operations()) {
      const media = operation.requestBody?.content['application/json'];
      if (!media) continue;
      const shown = Object.values((media.examples ?? { only: { value: media.example } }) as Shown);
      const schema = document.components.schemas[media.schema!.$ref!.split('/').at(-1)!]!;
      for (const { value } of shown)
        expect(Object.keys(value ?? {}), route).toEqual(
          expect.arrayContaining((schema['required'] ?? []) as string[]),
        );
      expect(
        shown.every(({ value }) => value !== undefined),
        route,
      ).toBe(true);
    }
  });

  it('refuses unknown fields at every depth of a body, and in no answer', () => {
    const { schemas } = document.components;
    const within = (node: unknown, found = new Set<string>()): Set<string> => {
      for (const [, name] of JSON.stringify(node).matchAll(/#\/components\/schemas\/(\w+)/g))
        if (!found.has(name!)) within(schemas[name!], found.add(name!));
      return found;
    };
    const open = (names: Set<string>) =>
      [...names].filter(
        name => schemas[name]!['properties'] && schemas[name]!['additionalProperties'] !== false,
      );
    const sent = within(operations().map(({ operation }) => operation.requestBody ?? {}));
    expect([...sent]).toEqual(
      expect.arrayContaining(['PurchaseCreate', 'ReceiptInput', 'MoneyInput', 'Cashier']),
    );
    expect(open(sent)).toEqual([]);
    const shown = within(operations().map(({ operation }) => operation.responses));
    expect([...shown]).toEqual(expect.arrayContaining(['Receipt', 'Money']));
    expect([...shown].filter(name => schemas[name]!['additionalProperties'] === false)).toEqual([]);
  });

  it('describes the page of a problem as HTML', () => {
    const { responses } = operations().find(({ route }) => route === 'GET /problems/{code}')!.operation;
    expect(Object.keys(responses['200']!.content!)).toEqual(['application/json', 'text/html']);
  });

  it('lists each problem under its status, with an example', () => {
    for (const { route, operation } of operations()) {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        const problem = (content as Record<string, { examples?: object }> | undefined)?.[
          'application/problem+json'
        ];
        const names = Object.keys(problem?.examples ?? {});
        for (const name of names) {
          const code = name.replace(IN_DOUBT, '');
          expect(names, route).toContain(code);
          expect(errorTable[code as keyof typeof errorTable].status, `${route} ${code}`).toBe(Number(status));
        }
      }
    }
  });

  it('shows the outcomes that the problem of a write can have', () => {
    const shown = (route: string, status: number) => {
      const { responses } = operations().find(one => one.route === route)!.operation;
      const { examples } = (
        responses[status]!.content as Record<string, { examples: Record<string, { $ref: string }> }>
      )['application/problem+json']!;
      return Object.values(examples).flatMap(({ $ref }) => {
        const { code, outcome, detail } = document.components.examples![$ref.split('/').at(-1)!]!.value;
        return /too-many|dependency/.test(code) ? [`${code} ${outcome} ${/nothing was/.test(detail)}`] : [];
      });
    };
    const [limited, down] = ['too-many-requests', 'dependency-unavailable'];
    expect(shown('POST /v1/purchases', 429)).toEqual([`${limited} unknown false`]);
    expect(shown('PATCH /v1/x/recreativ/offers/{id}', 429)).toEqual([
      `${limited} not-executed false`,
      `${limited} unknown false`,
    ]);
    expect(shown('GET /v1/purchases/{id}', 429)).toEqual([`${limited} not-executed false`]);
    expect(shown('POST /v1/purchases', 503)).toEqual([`${down} not-executed true`, `${down} unknown false`]);
    expect(shown('POST /v1/api-keys', 503)).toEqual([`${down} unknown false`]);
    expect(shown('POST /v1/customers/lookup', 503)).toEqual([`${down} not-executed true`]);
  });

  it('has no answer to a sale for which the page for tills does not say what to do', () => {
    const rows = readFileSync('docs/till.md', 'utf8').matchAll(/^\| (\d[^|]*) \|/gm);
    const told = [...rows].map(([, answer]) => answer!).join(' ');
    const { responses } = document.paths['/v1/purchases']!['post']!;
    const statuses = Object.keys(responses).filter(status => status !== 'default');
    expect(statuses.filter(status => !told.includes(status))).toEqual([]);
    const conflicts = errorCodes.filter(code => errorTable[code].status === 409);
    expect(conflicts.filter(code => !told.includes(code))).toEqual([]);
  });

  it('promises the same answer to a repeat only where a key can be sent', () => {
    for (const { route, operation } of operations()) {
      const keyed = operation.parameters?.some(({ name }) => name === 'Idempotency-Key') ?? false;
      for (const [status, { description, headers = {} }] of Object.entries(operation.responses)) {
        if (!/^20[0-4]$/.test(status)) continue;
        expect('Idempotency-Replayed' in headers, `${route} ${status}`).toBe(keyed);
        if (!keyed) expect(description, route).not.toMatch(/same key/);
        if (status === '201') expect(Object.keys(headers), route).toContain('Location');
      }
    }
  });

  it('documents the headers and the meaning of answers that stood already', () => {
    for (const { route, operation } of operations().filter(one => '202' in one.operation.responses)) {
      const headersOf = (status: string) => Object.keys(operation.responses[status]?.headers ?? {});
      const done = Object.keys(operation.responses).filter(status => status.startsWith('2'));
      for (const status of done) expect(headersOf(status), `${route} ${status}`).toContain('Location');
      // The refusals of an accepted write are stored; those of a faulty request are not.
      expect(headersOf('422'), route).toContain('Idempotency-Replayed');
      expect(headersOf('400'), route).not.toContain('Idempotency-Replayed');
      expect(operation.responses['503']!.description, route).toMatch(/202/);
      if (done.includes('200') && done.includes('201'))
        expect(operation.responses['200']!.description, route).toMatch(/merchantReference/);
    }
  });

  it('documents the headers of all answers, also of refusals', () => {
    for (const { route, operation } of operations())
      for (const [status, { headers = {} }] of Object.entries(operation.responses)) {
        const named = Object.keys(headers);
        expect(named, `${route} ${status}`).toEqual(
          expect.arrayContaining(['X-Request-Id', 'Server-Timing']),
        );
        // A limit belongs to a key that is known.
        const limited = operation['x-scopes'] !== undefined && status !== '401';
        expect(named.includes('RateLimit'), `${route} ${status}`).toBe(limited);
        expect(named.includes('RateLimit-Policy'), `${route} ${status}`).toBe(limited);
      }
  });

  it('documents the provider’s raw answer only where it can be requested', () => {
    for (const { route, operation } of operations().filter(one => one.route.startsWith('GET /v1/'))) {
      const content = operation.responses['200']?.content as
        Record<string, { schema?: { $ref?: string } }> | undefined;
      const name = content?.['application/json']?.schema?.$ref?.split('/').at(-1) ?? '';
      const { properties = {} } = (document.components.schemas[name] ?? {}) as { properties?: object };
      const asked = operation.parameters?.some(one => one.name === 'include') ?? false;
      expect('raw' in properties, route).toBe(asked);
    }
  });

  it('does not call the key a JWT', () => {
    expect(document.components.securitySchemes).toMatchObject({
      key: { scheme: 'bearer', bearerFormat: 'lgk_…' },
    });
  });

  it('says of every list in which order it is', () => {
    const orderOf = (route: string) => {
      const { responses } = operations().find(one => one.route === route)!.operation;
      const { schema } = (responses['200']!.content as Record<string, { schema: { $ref: string } }>)[
        'application/json'
      ]!;
      const { properties } = document.components.schemas[schema.$ref.split('/').at(-1)!]!;
      return (properties as { data: { description: string } }).data.description;
    };
    expect(orderOf('GET /v1/operations')).toBe('Newest first.');
    expect(orderOf('GET /v1/operations/{id}/events')).toBe('Oldest first.');
    for (const route of ['GET /v1/customers', 'GET /v1/statistics', 'GET /v1/x/recreativ/categories'])
      expect(orderOf(route), route).toContain('provider’s order');
  });

  it.each(['OperationState', 'Evidence', 'RetryClass', 'ConnectionState', 'QuoteBasis'])(
    'says what each word of %s means',
    name => {
      const { enum: words, description } = document.components.schemas[name] as {
        enum: string[];
        description: string;
      };
      // `callable` is what it should be.
      for (const word of words.filter(one => one !== 'callable'))
        expect(description).toContain(`\`${word}\``);
    },
  );

  it('gives every call a unique name, a title, a described tag and its requirements', () => {
    const names = operations().map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    const tags = new Map(document.tags.map(({ name, description }) => [name, description]));
    for (const { route, operation } of operations()) {
      const { summary, tags: used } = operation as unknown as { summary?: string; tags?: string[] };
      expect(summary, route).toBeTruthy();
      expect(
        used?.map(tag => tags.get(tag)),
        `${route} has a tag without a description`,
      ).not.toContain(undefined);
      if (route.includes(' /v1/')) expect(operation['x-scopes']?.length, route).toBeGreaterThan(0);
    }
  });

  it('names the providers of every call that goes to one', () => {
    for (const { route, operation } of operations()) {
      if (kindByRoute[route]) expect(operation.description, route).toContain('Offered by: ');
    }
  });
});
