import { randomUUID } from 'node:crypto';
import { registry } from '#adapters';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ask, TestGateway } from '../../support/gateway.js';
import { startStack } from '../../support/stack.js';
import type { Stack } from '../../support/stack.js';
import type { World } from '../../support/world.js';
import { routesOf } from './tenants/routes.js';
import type { Route } from './tenants/routes.js';

describe('a body', () => {
  let stack: Stack;
  let world: World;
  let gateway: TestGateway;
  let routes: Route[];
  const slugs: Record<string, string> = {};

  beforeAll(async () => {
    stack = await startStack({ store: 'postgres' });
    ({ world, gateway } = stack);
    for (const provider of Object.keys(registry)) slugs[provider] = (await world.connect(provider)).slug;
    const document = (await gateway.ask({ path: '/openapi.json', key: null })).body;
    routes = routesOf(document).filter(route => route.ask().body !== undefined);
  });
  afterAll(() => stack.close());

  const send = (route: Route, body: unknown) => {
    const [, provider = 'uds'] = /^\/v1\/x\/(\w+)\//.exec(route.path) ?? [];
    const ask: Ask = route.ask();
    return gateway.ask({
      ...ask,
      path: ask.path.replace(/\{\w+\}/g, '1'),
      body,
      headers: { 'idempotency-key': randomUUID(), 'gateway-connection': slugs[provider]! },
    });
  };

  /** The body and every object in it, as paths. Free-form objects (`metadata`, `settings`) accept any name. */
  const objectsIn = (value: unknown, path: string[] = []): string[][] =>
    typeof value !== 'object' || value === null || Array.isArray(value) || free.has(path.at(-1)!)
      ? []
      : [path, ...Object.entries(value).flatMap(([name, inner]) => objectsIn(inner, [...path, name]))];
  const free = new Set(['metadata', 'settings', 'credentials']);

  const withMore = (body: unknown, path: string[], more: object): unknown => {
    if (path.length === 0) return { ...(body as object), ...more };
    const [name, ...rest] = path as [string, ...string[]];
    const record = body as Record<string, unknown>;
    return { ...record, [name]: withMore(record[name], rest, more) };
  };

  it('with an unknown field at any depth is refused by every write', async () => {
    expect(routes.length).toBeGreaterThan(20);
    let asked = 0;
    for (const route of routes) {
      const example = route.ask().body;
      for (const path of objectsIn(example)) {
        const pointer = `/${[...path, 'tenantIdOfSomebody'].join('/')}`;
        const told = await send(route, withMore(example, path, { tenantIdOfSomebody: 'ten_1' }));
        const where = `${route.method} ${route.path} ${pointer}`;
        expect([where, told.status, told.body.code]).toEqual([where, 400, 'unknown-field']);
        expect(told.body.errors.map((fault: any) => fault.pointer)).toContain(pointer);
        asked++;
      }
    }
    expect(asked).toBeGreaterThan(30);
  });

  it('with a field is refused by every POST that reads none', async () => {
    const document = (await gateway.ask({ path: '/openapi.json', key: null })).body;
    const bare = routesOf(document).filter(
      ({ method, path, ask }) => method === 'POST' && path.startsWith('/v1/') && ask().body === undefined,
    );
    expect(bare.length).toBeGreaterThan(5);
    for (const route of bare) {
      const told = await send(route, { note: 'lost' });
      expect([route.path, told.status, told.body.code]).toEqual([route.path, 400, 'unknown-field']);
      expect((await send(route, {})).body.code, route.path).not.toBe('unknown-field');
    }
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'with %s as a field is refused by every write',
    async name => {
      for (const route of routes) {
        const text = JSON.stringify(route.ask().body ?? {});
        const more = `"${name}":{"admin":true}`;
        const told = await send(route, text === '{}' ? `{${more}}` : `{${more},${text.slice(1)}`);
        expect([route.path, told.status, told.body.code]).toEqual([route.path, 400, 'unknown-field']);
      }
      expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
    },
  );

  it('cannot set fields that the gateway decides', async () => {
    const own = [
      'id',
      'tenantId',
      'state',
      'outcome',
      'operationId',
      'connectionId',
      'createdAt',
      'lane',
      'dataKey',
    ];
    for (const route of routes) {
      const example = route.ask().body as object;
      for (const name of own.filter(name => !(name in example))) {
        if (
          ['/v1/api-keys tenantId', '/v1/consent-sessions/{id}/complete state'].includes(
            `${route.path} ${name}`,
          )
        )
          continue;
        const told = await send(route, { ...example, [name]: 'x' });
        expect([route.path, name, told.status]).toEqual([route.path, name, 400]);
      }
    }
  });

  it('never returns a secret, even to a key with every scope', async () => {
    const secrets = await Promise.all(
      Object.values(registry).map(async ({ simulator }) =>
        Object.values((await simulator()).demo.credentials),
      ),
    );
    const words = secrets
      .flat()
      .map(String)
      .filter(word => word.length > 8);
    for (const slug of Object.values(slugs)) {
      for (const path of [
        `/v1/connections/${slug}`,
        '/v1/connections',
        `/v1/provider-calls`,
        '/v1/audit-log',
        '/v1/lanes',
      ]) {
        const told = await gateway.ask({ path, headers: { 'gateway-connection': slug } });
        expect(told.status).toBe(200);
        for (const word of words)
          expect([path, JSON.stringify(told.body).includes(`"${word}"`)]).toEqual([path, false]);
      }
    }
  });
});
