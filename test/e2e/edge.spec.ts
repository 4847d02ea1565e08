import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Controller, Get } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertGuarded } from '../../apps/gateway/src/http/route-guard.js';
import { startGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

describe('the edge', () => {
  let stack: Stack;
  let world: World;
  let gateway: TestGateway;

  beforeAll(async () => {
    stack = await startStack({ store: 'postgres' });
    ({ world, gateway } = stack);
  });
  afterAll(() => stack.close());

  const quote = (body: unknown, headers?: Record<string, string>) =>
    gateway.ask({ method: 'POST', path: '/v1/quotes', body, headers });

  describe('the caller', () => {
    it.each([
      ['no key', null, {}],
      ['a key of another form', 'secret', {}],
      ['a key of nobody', `lgk_${'x'.repeat(43)}`, {}],
      ['a Basic header', null, { authorization: 'Basic bGdrXzp4' }],
    ])('is refused with %s', async (_, key, headers) => {
      const told = await gateway.ask({ path: '/v1/audit-log', key, headers });
      expect(told).toMatchObject({ status: 401, body: { code: 'unauthenticated', outcome: 'not-executed' } });
      expect(told.headers['www-authenticate']).toMatch(/^Bearer/);
    });

    it.each([
      ['GET', '/v1/operations/opr_01h455vb4pex5vsknk084sn02q'],
      ['POST', '/v1/operations/opr_01h455vb4pex5vsknk084sn02q/cancel'],
      ['GET', '/v1/purchases?merchantReference=order-117'],
      ['GET', '/v1/refunds/rfd_01h455vb4pex5vsknk084sn02q'],
      ['GET', '/v1/holds/hld_01h455vb4pex5vsknk084sn02q'],
    ] as const)(
      'that asks for the outcome of a write and may not know it is not told that nothing was done: %s %s',
      async (method, path) => {
        const poor = await gateway.makeKey({ scopes: ['lanes:read'] });
        for (const key of [poor, null]) {
          const { body } = await gateway.ask({ method, path, key });
          expect(body.userMessage).toMatch(/cannot find out whether/);
        }
      },
    );

    it('is refused with an expired key or without the scope', async () => {
      const late = await gateway.makeKey({ expiresAt: new Date(Date.now() - 1) });
      expect((await gateway.ask({ path: '/v1/audit-log', key: late })).status).toBe(401);
      const poor = await gateway.makeKey({ scopes: ['loyalty:read'] });
      const told = await gateway.ask({ path: '/v1/audit-log', key: poor });
      expect(told).toMatchObject({ status: 403, body: { code: 'scope-missing' } });
      expect(told.body.detail).toContain('audit:read');
    });

    it('is authenticated before the body is read', async () => {
      const told = await gateway.ask({ method: 'POST', path: '/v1/quotes', key: null, body: '{"a":' });
      expect(told.body.code).toBe('unauthenticated');
    });

    it('is refused after many wrong keys, while valid keys from the same address are accepted', async () => {
      const other = await startGateway(world);
      const known = await other.makeKey({});
      expect((await other.ask({ path: '/v1/audit-log', key: known })).status).toBe(200);
      const statuses = [];
      for (let guess = 0; guess < 40; guess++) {
        const key = `lgk_${String(guess).padStart(43, 'g')}`;
        statuses.push((await other.ask({ path: '/v1/audit-log', key })).status);
      }
      expect(statuses.slice(0, 30)).toEqual(Array(30).fill(401));
      expect(statuses.slice(30)).toEqual(Array(10).fill(429));
      expect((await other.ask({ path: '/v1/audit-log', key: known })).status).toBe(200);
      await other.close();
    });

    it('is accepted with a valid key after many guesses with the same prefix from the same address', async () => {
      const other = await startGateway(world);
      const key = await other.makeKey({});
      const guesses = Array.from({ length: 60 }, (_, guess) =>
        other.ask({
          path: '/v1/audit-log',
          key: key.slice(0, 12) + String(guess).padStart(key.length - 12, 'g'),
        }),
      );
      const statuses = new Set((await Promise.all(guesses)).map(({ status }) => status));
      expect(statuses).toEqual(new Set([401, 429]));
      const wrong = `${key.slice(0, -1)}${key.endsWith('x') ? 'y' : 'x'}`;
      expect((await other.ask({ path: '/v1/audit-log', key: wrong })).status).toBe(429);
      expect((await other.ask({ path: '/v1/audit-log', key })).status).toBe(200);
      await other.close();
    });
  });

  it('limits a key’s rate, and returns the remaining requests', async () => {
    const slow = await startGateway(world, { keyRateLimit: 3 });
    const answers = await Promise.all(Array.from({ length: 10 }, () => slow.ask({ path: '/v1/audit-log' })));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({
      headers: { 'retry-after': '1' },
      body: { code: 'too-many-requests', retryable: true },
    });
    const good = answers.find(({ status }) => status === 200)!;
    expect(good.headers['ratelimit-policy']).toBe('"key";q=3;w=1');
    expect(good.headers['ratelimit']).toMatch(/^"key";r=[012];t=1$/);
    await slow.close();
  });

  it('never says not-executed for a repeated write that it refused', async () => {
    const connection = await world.connect('uds');
    const slow = await startGateway(world, { keyRateLimit: 1 });
    const sale = {
      method: 'POST',
      path: '/v1/purchases',
      headers: {
        'gateway-connection': connection.slug,
        'idempotency-key': randomUUID(),
        prefer: 'wait=25',
      },
      body: {
        identifier: { type: 'phone', value: '+79031234567' },
        merchantReference: 'limited',
        receipt: { total: { amount: '100.00', currency: 'RUB' } },
      },
    } as const;
    const answers = await Promise.all(Array.from({ length: 5 }, () => slow.ask(sale)));
    expect(answers.map(({ status }) => status)).toContain(201);
    const { body } = answers.find(({ status }) => status === 429)!;
    expect(body).toMatchObject({ code: 'too-many-requests', outcome: 'unknown', retryable: true });
    expect(body.userMessage).toBe('Too many requests. Wait a few seconds and try again.');
    const reads = await Promise.all(Array.from({ length: 5 }, () => slow.ask({ path: '/v1/audit-log' })));
    expect(reads.find(({ status }) => status === 429)!.body.outcome).toBe('not-executed');
    await slow.close();
  });

  it('returns the lane’s remaining starts when a connection is used', async () => {
    const connection = await world.connect('uds');
    const headers = { 'gateway-connection': connection.slug, prefer: 'wait=25' };
    const told = await gateway.ask({ path: '/v1/program', headers });
    expect(told).toMatchObject({ status: 200 });
    expect(told.headers['ratelimit-policy']).toContain('"lane";q=5;w=1');
    expect(told.headers['ratelimit']).toMatch(/"lane";r=[0-5];t=1$/);
    expect(told.headers['server-timing']).toMatch(
      /^gateway;dur=[\d.]+, queue;dur=[\d.]+, provider;dur=(?!0\.0)[\d.]+$/,
    );
    const { body } = await gateway.ask({
      method: 'POST',
      path: '/v1/customers/lookup',
      headers,
      body: { identifier: { type: 'code', value: '000123' } },
    });
    // The lane follows from the resource here.
    const known = await gateway.ask({ path: `/v1/customers/${body.id}`, headers: { prefer: 'wait=25' } });
    expect(known.headers['ratelimit']).toMatch(/"lane";r=[0-5];t=1$/);
  });

  describe('bodies', () => {
    it.each([
      ['{"a": 1,, }', 'position 8 (line 1, column 9)'],
      ['{\n  "a": tru\n}', 'line 2'],
      ['{"a": 1', 'position 7'],
    ])('that are invalid JSON are refused with the position: %s', async (body, place) => {
      const told = await quote(body);
      expect(told).toMatchObject({ status: 400, body: { code: 'malformed-json' } });
      expect(told.body.detail).toContain(place);
    });

    it('that are empty are {}', async () => {
      for (const body of ['', '  ']) {
        expect((await quote(body)).body).toMatchObject({ code: 'validation-failed', status: 422 });
      }
    });

    it('of another media type or charset, or too large, are refused', async () => {
      expect((await quote('a=1', { 'content-type': 'application/x-www-form-urlencoded' })).body.code).toBe(
        'unsupported-media-type',
      );
      const charset = { 'content-type': 'application/json; charset=utf-16' };
      expect((await quote('{}', charset)).body.code).toBe('unsupported-media-type');
      expect((await quote(`"${'x'.repeat(257 * 1024)}"`)).body.code).toBe('payload-too-large');
    });

    it.each([
      ['{"__proto__": {"a": 1}}', 'unknown-field'],
      ['{"constructor": 1}', 'unknown-field'],
      ['[]', 'invalid-parameter'],
      ['null', 'invalid-parameter'],
      [`${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`, 'invalid-parameter'],
      [`${'['.repeat(100_000)}`, 'malformed-json'],
    ])('that are malicious are refused: %.40s', async (body, code) => {
      expect((await quote(body)).body).toMatchObject({ status: 400, code });
    });
  });

  describe('answers', () => {
    it('carry the caller’s request id, or a new one', async () => {
      const own = await gateway.ask({ path: '/nope', headers: { 'x-request-id': 'till-7/42' } });
      expect([own.headers['x-request-id'], own.body.requestId]).toEqual(['till-7/42', 'till-7/42']);
      const bad = await gateway.ask({ path: '/nope', headers: { 'x-request-id': 'a b' } });
      expect(bad.body.requestId).toMatch(/^[0-9a-z]{26}$/);
    });

    it('point from a wrong path or method to the documentation', async () => {
      for (const [method, path] of [
        ['PUT', '/v1/purchases'],
        ['GET', '/v1/purchases/'],
      ] as const) {
        const { body } = await gateway.ask({ method, path });
        expect([body.code, body.detail]).toEqual(['not-found', expect.stringContaining('/openapi.json')]);
      }
    });

    it('speak the cashier’s language', async () => {
      const told = await gateway.ask({
        path: '/nope',
        headers: { 'accept-language': 'ru-RU,ru;q=0.9,en;q=0.5' },
      });
      expect(told.body.userMessage).toMatch(/[а-я]/);
      expect(told.headers['content-language']).toBe('ru');
    });

    it.each([
      ['/nope', 404, 'not-found'],
      ['/docs/%00', 404, 'not-found'],
      ['/v1/connections/%00', 404, 'not-found'],
      ['/%ZZ', 400, 'invalid-parameter'],
      [`/v1/connections/${'x'.repeat(2_000)}`, 404, 'not-found'],
      ['/v1/audit-log?limit=0', 400, 'invalid-parameter'],
      ['/v1/audit-log?limit=1&limit=2', 400, 'invalid-parameter'],
      ['/v1/audit-log?colour=red', 400, 'invalid-parameter'],
      ['/v1/operations?kind=purchase.create', 400, 'invalid-parameter'],
      ['/v1/operations?kind=toString', 400, 'invalid-parameter'],
      ['/v1/operations?kind=x.recreativ.toString', 400, 'invalid-parameter'],
      ['/v1/events?type=purchases.*', 400, 'invalid-parameter'],
      ['/v1/connections?provider=UDS', 400, 'invalid-parameter'],
    ])('are problems also for %.40s', async (path, status, code) => {
      const told = await gateway.ask({ path });
      expect(told).toMatchObject({ status, body: { status, code, type: `/problems/${code}` } });
      expect(told.headers['content-type']).toContain('application/problem+json');
    });

    it('describe a problem for programs and for people', async () => {
      const json = await gateway.ask({ path: '/problems/insufficient-points', key: null });
      expect(json.body).toMatchObject({ code: 'insufficient-points', status: 422 });
      const page = await gateway.ask({
        path: '/problems/insufficient-points',
        key: null,
        headers: { accept: 'text/html' },
      });
      expect(page.body).toContain('<title>insufficient-points</title>');
    });

    it('redirect the root path to the playground', async () => {
      expect(await gateway.ask({ path: '/', key: null })).toMatchObject({
        status: 302,
        headers: { location: 'docs' },
      });
    });

    it('are counted by route template, without ids', async () => {
      await gateway.ask({ path: '/v1/connections/con_01h455vb4pex5vsknk084sn02q' });
      const { body } = await gateway.ask({ path: '/metrics', key: null });
      expect(body).toMatch(
        /gateway_request_duration_seconds_count\{method="GET",route="\/v1\/connections\/:id",status="404"\}/,
      );
      expect(body).not.toMatch(/con_01h455|lgk_/);
    });
  });

  describe('the connection of a request', () => {
    it('is the named one, the key’s default, or the only one; else it must be named', async () => {
      const [one, other] = [await world.connect('uds'), await world.connect('uds')];
      const program = async (headers: Record<string, string>, key?: string) =>
        (await gateway.ask({ path: '/v1/program', headers, ...(key && { key }) })).body.code;
      expect(await program({})).toBe('connection-required');
      expect(await program({ 'gateway-connection': one.id })).toBeUndefined();
      expect(await program({ 'gateway-connection': other.slug })).toBeUndefined();
      expect(await program({ 'gateway-connection': 'nobody' })).toBe('not-found');
      expect(await program({ 'gateway-connection': "x' or 1=1" })).toBe('not-found');
      const lost = await gateway.ask({ path: '/v1/program', headers: { 'gateway-connection': 'nobody' } });
      expect(lost.body.detail, 'where it is wrong, and what would be right').toMatch(
        /Gateway-Connection.*GET \/v1\/connections/,
      );
      expect(await program({}, await gateway.makeKey({ defaultConnectionId: one.id }))).toBeUndefined();
      const tenant = await world.tenants.ensure(world.core.database.direct, 'alone', 'Alone');
      expect(
        await program({ 'gateway-connection': one.id }, await gateway.makeKey({ tenantId: tenant.id })),
      ).toBe('not-found');
    });
  });

  describe('a connection named beside a resource that has one', () => {
    const ask = (method: 'GET' | 'POST' | 'DELETE', path: string, at: string, body?: unknown) =>
      gateway.ask({
        method,
        path,
        body,
        headers: { 'gateway-connection': at, 'idempotency-key': randomUUID(), prefer: 'wait=25' },
      });

    it('must be the resource’s own, also when a customer is forgotten', async () => {
      const [one, other] = [await world.connect('uds'), await world.connect('uds')];
      const identifier = { type: 'code', value: '123456' };
      const { body } = await ask('POST', '/v1/customers/lookup', one.slug, { identifier });
      const path = `/v1/customers/${body.id}`;
      expect((await ask('DELETE', path, other.slug)).body.code).toBe('not-found');
      expect((await ask('GET', path, one.slug)).body.providerRefs).toEqual(body.providerRefs);
      expect((await ask('DELETE', path, one.slug)).status).toBe(204);
    });

    it('filters lists by it', async () => {
      const [one, other] = [await world.connect('recca'), await world.connect('recca')];
      const { body } = await ask('POST', '/v1/customers', one.slug, { externalId: 'mysite:vk:12345' });
      await ask('POST', '/v1/consent-sessions', one.slug, { customerId: body.id });
      for (const path of ['/v1/consent-sessions', '/v1/operations?kind=createConsentSession']) {
        const listed = async (at: string) => (await ask('GET', path, at)).body.data.length;
        expect([path, await listed(one.slug), await listed(other.slug)]).toEqual([path, 1, 0]);
      }
      const narrowed = `/v1/operations?connectionId=${one.id}`;
      expect((await ask('GET', narrowed, one.slug)).body.data).toHaveLength(2);
      expect((await ask('GET', narrowed, other.slug)).body.code).toBe('not-found');
      expect((await ask('GET', '/v1/referral/links', 'nobody')).body.code).toBe('not-found');
    });

    it('must be the own one of an operation or a consent', async () => {
      const [one, other] = [await world.connect('recca'), await world.connect('recca')];
      const customer = (await ask('POST', '/v1/customers', one.slug, { externalId: 'mysite:vk:12346' })).body;
      const consent = (await ask('POST', '/v1/consent-sessions', one.slug, { customerId: customer.id })).body;
      const operation = `/v1/operations/${customer.operationId}`;
      const session = `/v1/consent-sessions/${consent.id}`;
      const popup = { token: 'a-token', userId: 'ub_1', expiresAt: 4_102_444_800_000, state: consent.state };
      const asked = [
        ['GET', operation],
        ['GET', `${operation}/events`],
        ['POST', `${operation}/reconcile`],
        ['POST', `${operation}/resolve`, { outcome: 'executed', note: 'seen' }],
        ['POST', `${operation}/cancel`],
        ['GET', session],
        ['POST', `${session}/complete`, popup],
      ] as const;
      for (const [method, path, body] of asked) {
        const told = await ask(method, path, other.slug, body);
        expect([path, told.status, told.body.code]).toEqual([path, 404, 'not-found']);
        expect((await ask(method, path, one.slug, body)).status).not.toBe(404);
      }
      expect((await ask('GET', '/v1/operations/opr_%00', one.slug)).body.code).toBe('not-found');
    });
  });

  it.each(['wait=26', 'wait=2.5', 'wait=soon', 'wait'])('does not refuse Prefer: %s', async prefer => {
    const connection = await world.connect('uds');
    const headers = { prefer, 'gateway-connection': connection.slug };
    expect((await gateway.ask({ path: '/v1/program', headers })).status).toBe(200);
  });

  it('does not start with a route that declares no scope', async () => {
    @Controller('open')
    class OpenController {
      @Get()
      read(): string {
        return '';
      }
    }
    const module = await Test.createTestingModule({ controllers: [OpenController] }).compile();
    const adapter = new FastifyAdapter();
    adapter.getInstance().addHook('onRoute', assertGuarded);
    const app = module.createNestApplication(adapter, { logger: false });
    await expect(app.init()).rejects.toThrow('GET /open names no scope');
    await app.close();
  });

  it('reports readiness and its API, and closes slow requests', async () => {
    expect((await gateway.ask({ path: '/readyz', key: null })).body).toEqual({ status: 'ok' });
    const { body } = await gateway.ask({ path: '/openapi.json', key: null });
    expect(body.paths['/v1/purchases'].post.security).toEqual([{ key: [] }]);
    const page = await gateway.ask({ path: '/docs', key: null });
    expect(page.body).not.toMatch(/(src|href)=["']https?:/);
    const url = new URL(await gateway.listen());
    const socket = connect(Number(url.port), url.hostname);
    const chunks: string[] = [];
    socket.on('data', chunk => chunks.push(String(chunk)));
    socket.write(
      'POST /v1/quotes HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\ncontent-type: application/json\r\n',
    );
    socket.write(`authorization: Bearer ${gateway.key}\r\n\r\n{`);
    await once(socket, 'close');
    expect(chunks.join('')).toMatch(/^HTTP\/1\.1 413 /);
    const stranger = connect(Number(url.port), url.hostname);
    stranger.write('HELO there\r\n\r\n');
    expect(await text(stranger)).toMatch(/^HTTP\/1\.1 400 [^]*application\/problem\+json/);
  });
});
