import { randomUUID } from 'node:crypto';
import { registry } from '#adapters';
import { newId } from '#canonical';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from '../support/events-of.js';
import type { TestGateway } from '../support/gateway.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

describe('setup over REST', () => {
  let stack: Stack;
  let world: World;
  let gateway: TestGateway;

  beforeAll(async () => {
    stack = await startStack();
    ({ world, gateway } = stack);
  });
  afterAll(() => stack.close());

  async function account(provider: string) {
    const { demo } = await registry[provider]!.simulator();
    return {
      provider,
      baseUrl: world.sandbox.baseUrl(provider),
      credentials: demo.credentials,
      settings: demo.settings,
    };
  }

  const create = (body: unknown, key: string = randomUUID(), apiKey?: string) =>
    gateway.ask({
      method: 'POST',
      path: '/v1/connections',
      body,
      headers: { 'idempotency-key': key },
      ...(apiKey && { key: apiKey }),
    });

  const post = (path: string, body?: unknown, apiKey?: string) =>
    gateway.ask({ method: 'POST', path, body, ...(apiKey && { key: apiKey }) });

  describe('providers', () => {
    it('list every capability of every provider, with the reason if unsupported', async () => {
      const { body } = await gateway.ask({ path: '/v1/providers' });
      expect(body.data.map((one: any) => one.name).toSorted()).toEqual(Object.keys(registry).toSorted());
      for (const { capabilities } of body.data) {
        expect(Object.keys(capabilities)).toHaveLength(Object.keys(registry.uds!.adapter.operations).length);
        for (const said of Object.values<any>(capabilities)) {
          expect(said.supported || said.reason.length > 10).toBe(true);
        }
      }
    });

    it('are listed page by page', async () => {
      const first = (await gateway.ask({ path: '/v1/providers?limit=3' })).body;
      const rest = (await gateway.ask({ path: `/v1/providers?limit=3&cursor=${first.nextCursor}` })).body;
      const names = [...first.data, ...rest.data].map((one: any) => one.name);
      expect([first.data.length, rest.nextCursor]).toEqual([3, null]);
      expect(names.toSorted()).toEqual(Object.keys(registry).toSorted());
      expect((await gateway.ask({ path: '/v1/providers?limit=0' })).body.code).toBe('invalid-parameter');
    });

    it('have the form of a connection, and 404 for an unknown provider', async () => {
      const { body } = await gateway.ask({ path: '/v1/providers/uds' });
      expect(body.credentials).toMatchObject({
        type: 'object',
        required: ['companyId', 'apiKey'],
        additionalProperties: false,
        properties: { companyId: { type: 'string' } },
      });
      expect(body.settings.required).toEqual([]);
      expect(body.settings.properties.advisoryHolds).toMatchObject({ type: 'boolean', default: false });
      expect((await gateway.ask({ path: '/v1/providers/constructor' })).status).toBe(404);
    });
  });

  describe('connections', () => {
    it.each(Object.keys(registry))('are made, checked and shown without a secret: %s', async provider => {
      const body = await account(provider);
      const made = await create({ ...body, slug: `made-${provider}` });
      expect(made).toMatchObject({ status: 201, headers: { location: `/v1/connections/${made.body.id}` } });
      expect(made.body).toMatchObject({ provider, slug: `made-${provider}`, state: 'callable' });
      const checked = await post(`/v1/connections/${made.body.id}/check`);
      expect(checked.body.lastCheck).toMatchObject({ result: 'passed' });
      expect(checked.body.lastCheck.proved.length + checked.body.lastCheck.notProved.length).toBeGreaterThan(
        0,
      );
      const read = await gateway.ask({ path: `/v1/connections/made-${provider}` });
      expect(read.body.lastCheck).toEqual(checked.body.lastCheck);
      for (const secret of Object.values(body.credentials)) {
        expect(JSON.stringify(read.body)).not.toContain(secret);
      }
    });

    it('are marked as unverified for Recca’s tenant key', async () => {
      const { body } = await gateway.ask({ path: '/v1/connections/made-recca' });
      expect(body.lastCheck.notProved.join()).toMatch(/tenant key is not proven/i);
    });

    it('are made once for one Idempotency-Key', async () => {
      const body = { ...(await account('uds')), slug: 'once' };
      const key = randomUUID();
      const [one, two] = await Promise.all([create(body, key), create(body, key)]);
      expect(one.body.id).toBe(two.body.id);
      const replayed = [one, two].filter(({ headers }) => headers['idempotency-replayed'] === 'true');
      expect(replayed).toHaveLength(1);
      expect((await create({ ...body, name: 'other' }, key)).body.code).toBe('idempotency-key-reused');
      expect((await create({ ...body, slug: 'once' })).body.code).toBe('state-conflict');
    });

    it('are created concurrently, more of them than the Postgres pool has connections', async () => {
      const body = await account('uds');
      const answers = await Promise.all(Array.from({ length: 12 }, () => create(body)));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
      expect(new Set(answers.map(one => one.body.slug)).size).toBe(answers.length);
    });

    it('need a valid Idempotency-Key, and free it after a refusal', async () => {
      const body = await account('uds');
      expect((await gateway.ask({ method: 'POST', path: '/v1/connections', body })).body.code).toBe(
        'idempotency-key-missing',
      );
      expect((await create(body, 'short')).body.code).toBe('idempotency-key-invalid');
      const key = randomUUID();
      expect((await create({ ...body, credentials: {} }, key)).status).toBe(422);
      expect((await create(body, key)).status).toBe(201);
    });

    it.each<[string, object, number, string, string]>([
      ['an unknown provider', { provider: 'nobody' }, 422, 'validation-failed', '/provider'],
      ['an unknown field', { colour: 'red' }, 400, 'unknown-field', '/colour'],
      ['an unknown setting', { settings: { colour: 'red' } }, 400, 'unknown-field', '/settings/colour'],
      [
        'a setting of another type',
        { settings: { advisoryHolds: 'yes' } },
        400,
        'invalid-parameter',
        '/settings/advisoryHolds',
      ],
      [
        'a missing credential',
        { credentials: { companyId: '1' } },
        422,
        'validation-failed',
        '/credentials/apiKey',
      ],
      ['a private address', { baseUrl: 'https://10.0.0.1/x' }, 422, 'validation-failed', '/baseUrl'],
      [
        'the metadata service',
        { baseUrl: 'http://169.254.169.254/latest' },
        422,
        'validation-failed',
        '/baseUrl',
      ],
      ['a bad slug', { slug: 'Not A Slug' }, 422, 'validation-failed', '/slug'],
    ])('refuse %s', async (_, change, status, code, pointer) => {
      const told = await create({ ...(await account('uds')), ...change });
      expect(told).toMatchObject({ status, body: { code, errors: [{ pointer }] } });
    });

    it('require an address if every merchant has their own', async () => {
      const { baseUrl: _, ...body } = await account('pp');
      expect((await create(body)).body).toMatchObject({
        code: 'validation-failed',
        errors: [{ pointer: '/baseUrl' }],
      });
    });

    it.each<[string, string]>([
      ['loyalclient', 'apiKey'],
      ['recreativ', 'authToken'],
      ['recca', 'tenantKey'],
      ['pp', 'apiKey'],
    ])('of %s refuse a key that no header can carry', async (provider, name) => {
      const body = await account(provider);
      // Copied from a page: with a character that is not seen.
      const credentials = { ...body.credentials, [name]: `${body.credentials[name]}\u200b` };
      const { status, body: told } = await create({ ...body, credentials });
      expect({ status, ...told }).toMatchObject({
        status: 422,
        code: 'validation-failed',
        errors: [{ pointer: `/credentials/${name}` }],
      });
    });

    it('share one lane with the same token, and have another with another token', async () => {
      const body = await account('pp');
      const lanes = await Promise.all(
        [body, body, { ...body, credentials: { apiKey: 'another-key-of-the-shop' } }].map(
          async one => (await create(one)).body.lane.id,
        ),
      );
      expect(lanes[0]).toBe(lanes[1]);
      expect(lanes[2]).not.toBe(lanes[0]);
    });

    it('are patched, and their capabilities follow the settings', async () => {
      const { body: made } = await create({ ...(await account('uds')), slug: 'patched' });
      expect(made.capabilities['hold.create']).toMatchObject({ supported: false });
      const patch = {
        settings: { advisoryHolds: true },
        name: 'Nevsky',
        rateLimit: { requestsPerSecond: 2 },
      };
      const told = await gateway.ask({ method: 'PATCH', path: `/v1/connections/${made.id}`, body: patch });
      expect(told.body).toMatchObject({ name: 'Nevsky', slug: 'patched', lane: { limit: { requests: 2 } } });
      expect(told.body.capabilities['hold.create']).toMatchObject({ supported: true });
      const bad = await gateway.ask({
        method: 'PATCH',
        path: `/v1/connections/${made.id}`,
        body: { baseUrl: 'http://10.1.1.1' },
      });
      expect(bad.body.errors[0].pointer).toBe('/baseUrl');
    });

    it('keep their old credentials when the provider refuses the new ones', async () => {
      const { body: made } = await create({ ...(await account('uds')), slug: 'rotated' });
      const credentials = { companyId: '549755819292', apiKey: 'wrong-key-of-nobody' };
      const refused = await post(`/v1/connections/${made.id}/credentials`, { credentials });
      expect(refused).toMatchObject({ status: 424, body: { code: 'connection-credentials-invalid' } });
      expect((await post(`/v1/connections/${made.id}/check`)).body).toMatchObject({
        state: 'callable',
        lastCheck: { result: 'passed' },
      });
      const { demo } = await registry.uds!.simulator();
      const rotated = await post(`/v1/connections/${made.id}/credentials`, { credentials: demo.credentials });
      expect(rotated).toMatchObject({
        status: 200,
        body: { state: 'callable', lastCheck: { result: 'passed' } },
      });
    });

    it('are found invalid by a check, and callable again after a rotation', async () => {
      const body = await account('uds');
      const wrong = { ...body.credentials, apiKey: 'wrong-key-of-nobody' };
      const { body: made } = await create({ ...body, credentials: wrong });
      const checked = await post(`/v1/connections/${made.id}/check`);
      expect(checked.body).toMatchObject({ state: 'invalid', lastCheck: { result: 'failed', proved: [] } });
      await world.core.background.drain(5_000);
      expect((await gateway.ask({ path: `/v1/connections/${made.id}` })).body.state).toBe('invalid');
      await post(`/v1/connections/${made.id}/credentials`, { credentials: body.credentials });
      expect((await gateway.ask({ path: `/v1/connections/${made.id}` })).body.state).toBe('callable');
    });

    it('pause and resume idempotently, with one event each', async () => {
      const { body: made } = await create({ ...(await account('uds')) });
      for (const [deed, state] of [
        ['pause', 'paused'],
        ['pause', 'paused'],
        ['resume', 'callable'],
        ['resume', 'callable'],
      ] as const) {
        expect((await post(`/v1/connections/${made.id}/${deed}`)).body.state).toBe(state);
      }
      const events = await eventsOf(world, made.id);
      expect(events.map(event => event.data['state'])).toEqual(['callable', 'paused']);
    });

    it('leave no secret when deleted', async () => {
      const { body: made } = await create({ ...(await account('uds')), slug: 'gone' });
      expect((await gateway.ask({ method: 'DELETE', path: `/v1/connections/${made.id}` })).status).toBe(204);
      expect((await gateway.ask({ path: `/v1/connections/${made.id}` })).status).toBe(404);
      const row = await world.core.stores.connections.byId(world.core.database.direct, made.id);
      expect(row).toMatchObject({ credentials: null, dataKey: null });
      expect((await create({ ...(await account('uds')), slug: 'gone' })).status).toBe(201);
    });

    it('are listed page by page, and their cursor is refused by other lists', async () => {
      const first = await gateway.ask({ path: '/v1/connections?limit=2' });
      expect(first.body.data).toHaveLength(2);
      const cursor = encodeURIComponent(first.body.nextCursor);
      const next = await gateway.ask({ path: `/v1/connections?limit=3&cursor=${cursor}` });
      expect(next.body.data).toHaveLength(3);
      expect(next.body.data[0].id < first.body.data[1].id).toBe(true);
      for (const path of [
        `/v1/connections?provider=uds&cursor=${cursor}`,
        `/v1/audit-log?cursor=${cursor}`,
        `/v1/connections?cursor=x${cursor}`,
      ]) {
        expect((await gateway.ask({ path })).body).toMatchObject({
          code: 'invalid-parameter',
          errors: [{ pointer: '/query/cursor' }],
        });
      }
    });
  });

  describe('tenants and keys', () => {
    it('are isolated: another tenant’s id is the same 404 as an unknown id', async () => {
      const { body: tenant } = await post('/v1/tenants', { name: 'Coffee & Co', slug: 'coffee' });
      expect((await post('/v1/tenants', { name: 'Again', slug: 'coffee' })).body.code).toBe('state-conflict');
      const { body: stranger } = await post('/v1/api-keys', {
        name: 'theirs',
        scopes: ['connections:read', 'connections:write', 'keys:read', 'keys:write'],
        tenantId: tenant.id,
      });
      expect(stranger).toMatchObject({ tenantId: tenant.id, key: expect.stringMatching(/^lgk_[\w-]{43}$/) });
      const { body: ours } = await create(await account('uds'));
      const bodies = [];
      for (const id of [ours.id, newId('con')]) {
        for (const [method, path] of [
          ['GET', ''],
          ['DELETE', ''],
          ['POST', '/check'],
          ['POST', '/pause'],
          ['POST', '/resume'],
        ] as const) {
          const told = await gateway.ask({ method, path: `/v1/connections/${id}${path}`, key: stranger.key });
          bodies.push({ ...told.body, requestId: '' });
          expect(told.status).toBe(404);
        }
      }
      expect(new Set(bodies.map(body => JSON.stringify(body))).size).toBe(1);
      expect((await gateway.ask({ path: '/v1/connections', key: stranger.key })).body.data).toEqual([]);
      expect((await gateway.ask({ path: '/v1/api-keys', key: stranger.key })).body.data).toHaveLength(1);
    });

    it.each([
      ['/v1/tenants', { name: 'Tea & Co' }],
      ['/v1/api-keys', { name: 'till 8', scopes: ['loyalty:read'] }],
    ])('can be read at the Location returned by %s', async (path, body) => {
      const made = await post(path, body);
      const { key: shownOnce, ...kept } = made.body;
      expect(made).toMatchObject({ status: 201, headers: { location: `${path}/${made.body.id}` } });
      const read = await gateway.ask({ path: made.headers.location! });
      expect(read).toMatchObject({ status: 200, body: kept });
      expect(JSON.stringify(read.body)).not.toContain(shownOnce ?? 'lgk_');
      const nobody = newId(made.body.id.split('_')[0]);
      expect((await gateway.ask({ path: `${path}/${nobody}` })).status).toBe(404);
    });

    it('get a hint where to begin while there is no connection', async () => {
      const { body: tenant } = await post('/v1/tenants', { name: 'Empty' });
      const key = await gateway.makeKey({ tenantId: tenant.id });
      const { body } = await gateway.ask({ path: '/v1/program', key });
      expect(body).toMatchObject({
        code: 'connection-required',
        detail: expect.stringContaining('POST /v1/connections'),
      });
    });

    it('show a key once, and revoke it', async () => {
      const { body: made } = await post('/v1/api-keys', { name: 'till 7', scopes: ['connections:read'] });
      expect((await gateway.ask({ path: '/v1/connections', key: made.key })).status).toBe(200);
      expect((await gateway.ask({ path: '/v1/api-keys', key: made.key })).body.code).toBe('scope-missing');
      expect(JSON.stringify((await gateway.ask({ path: '/v1/api-keys' })).body)).not.toContain(made.key);
      expect((await gateway.ask({ method: 'DELETE', path: `/v1/api-keys/${made.id}` })).status).toBe(204);
      expect((await gateway.ask({ path: '/v1/connections', key: made.key })).status).toBe(401);
      expect((await gateway.ask({ path: `/v1/api-keys/${made.id}` })).status).toBe(404);
    });

    it('cannot grant scopes that they do not have', async () => {
      const key = await gateway.makeKey({ scopes: ['keys:write', 'loyalty:read'] });
      expect((await post('/v1/api-keys', { name: 'more', scopes: ['loyalty:write'] }, key)).body.code).toBe(
        'scope-missing',
      );
      expect(
        (await post('/v1/api-keys', { name: 'far', scopes: ['loyalty:read'], tenantId: newId('ten') }, key))
          .body.code,
      ).toBe('scope-missing');
      expect((await post('/v1/tenants', { name: 'no' }, key)).status).toBe(403);
      expect(
        (
          await post(
            '/v1/api-keys',
            { name: 'past', scopes: ['loyalty:read'], expiresAt: '2020-01-01T00:00:00Z' },
            key,
          )
        ).body.errors[0].pointer,
      ).toBe('/expiresAt');
    });

    it('leave a line in the audit log', async () => {
      const { body } = await gateway.ask({ path: '/v1/audit-log?limit=100' });
      const actions = new Set(body.data.map((entry: any) => entry.action));
      for (const action of [
        'connection.created',
        'connection.changed',
        'connection.credentials-rotated',
        'connection.paused',
        'connection.deleted',
        'tenant.created',
        'api-key.created',
        'api-key.revoked',
      ]) {
        expect(actions).toContain(action);
      }
      expect(body.data[0]).toMatchObject({
        actor: { type: 'key', name: 'test' },
        resource: { type: expect.any(String) },
      });
    });
  });
});
