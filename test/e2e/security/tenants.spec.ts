import { randomUUID } from 'node:crypto';
import { registry } from '#adapters';
import { newId } from '#canonical';
import type { IdPrefix } from '#canonical';
import { startEventWorkers } from '#events';
import type { EventWorkers } from '#events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway } from '../../support/gateway.js';
import type { Ask, TestGateway, Told } from '../../support/gateway.js';
import { startWorld } from '../../support/world.js';
import type { World } from '../../support/world.js';
import { settle } from './tenants/settle.js';
import type { Estate } from './tenants/settle.js';
import { byId, inLists, named, routesOf } from './tenants/routes.js';
import type { Route } from './tenants/routes.js';

const anId = /\b[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}\b/g;

describe('two tenants of one gateway', () => {
  let world: World;
  let gateway: TestGateway;
  let workers: EventWorkers;
  let routes: Route[];
  let estate: Estate;
  let stranger: string;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres' });
    gateway = await startGateway(world);
    workers = await startEventWorkers(world, world.settings.databaseUrl);
    routes = routesOf((await gateway.ask({ path: '/openapi.json', key: null })).body);
    estate = await settle(world, gateway);
    const tenant = await world.tenants.ensure(world.core.database.direct, 'stranger', 'Stranger');
    stranger = await gateway.makeKey({ tenantId: tenant.id });
    for (const provider of Object.keys(registry)) {
      const { demo } = await registry[provider]!.simulator();
      const baseUrl = world.sandbox.baseUrl(provider);
      const body = { provider, baseUrl, credentials: demo.credentials, settings: demo.settings };
      expect((await asStranger({ method: 'POST', path: '/v1/connections', body })).status).toBe(201);
    }
  }, 120_000);
  afterAll(async () => {
    await workers?.close();
    await gateway?.close();
    await world?.close();
  });

  const asStranger = (ask: Ask): Promise<Told> =>
    gateway.ask({ key: stranger, ...ask, headers: { 'idempotency-key': randomUUID(), ...ask.headers } });

  /** An answer without the parts that may differ: the request's id, and the requested id. */
  const bare = ({ status, body }: Told, ...asked: string[]) =>
    asked.reduce(
      (text, id) => text.replaceAll(id, '…'),
      JSON.stringify({ status, body: { ...body, requestId: '' } }),
    );

  it('are tested on every route that takes a gateway id', () => {
    const templates = byId(routes).map(({ method, path }) => `${method} ${path}`);
    expect(templates.length).toBeGreaterThan(25);
    expect(byId(routes).filter(({ path }) => estate.idFor(path) === undefined)).toEqual([]);
  });

  it('get the same 404 for each other’s ids as for unknown ids', async () => {
    const before = await estate.look();
    for (const route of byId(routes)) {
      const id = estate.idFor(route.path)!;
      const nobody = id.includes('_') ? newId(id.split('_')[0] as IdPrefix) : '999999999';
      const ask = (asked: string) => asStranger({ ...route.ask(), path: route.at(asked) });
      const theirs = await ask(id);
      expect([route.method, route.path, theirs.status]).toEqual([route.method, route.path, 404]);
      expect(bare(theirs, id)).toBe(bare(await ask(nobody), nobody));
    }
    expect(await estate.look()).toEqual(before);
  });

  it('cannot name each other’s connections, by id or by slug', async () => {
    const asked = named(routes);
    expect(asked.length).toBeGreaterThan(30);
    for (const route of asked) {
      const ask = (connection: string) => {
        const { path, ...rest } = route.ask();
        return asStranger({
          ...rest,
          path: path.replace(/\{\w+\}/, '1'),
          headers: { 'gateway-connection': connection },
        });
      };
      const nobody = await ask('nobody-at-all');
      for (const name of [estate.connections[0]!.id, estate.connections[0]!.slug]) {
        const theirs = await ask(name);
        expect([route.path, theirs.status >= 400]).toEqual([route.path, true]);
        expect(bare(theirs, name)).toBe(bare(nobody, 'nobody-at-all'));
      }
    }
  });

  it('do not see each other’s resources in lists', async () => {
    const own = new Set<string>();
    const lists = inLists(routes);
    expect(lists.length).toBeGreaterThan(20);
    for (const { path } of lists) {
      for (const { slug } of estate.connections) {
        const told = await gateway.ask({ path, key: estate.key, headers: { 'gateway-connection': slug } });
        for (const [id] of JSON.stringify(told.body).matchAll(anId)) own.add(id);
      }
    }
    const prefixes = new Set([...own].map(id => id.split('_')[0]));
    for (const prefix of ['con', 'cus', 'pur', 'opr', 'evt', 'sub', 'dlv', 'key'])
      expect(prefixes).toContain(prefix);
    for (const { path } of lists) {
      for (const provider of Object.keys(registry)) {
        const { body } = await asStranger({ path, headers: { 'gateway-connection': provider } });
        const text = JSON.stringify(body);
        expect([path, [...text.matchAll(anId)].map(([id]) => id).filter(id => own.has(id))]).toEqual([
          path,
          [],
        ]);
        for (const { slug, lane } of estate.connections) {
          expect(text).not.toContain(slug);
          expect(text).not.toContain(lane.id);
        }
      }
    }
  }, 120_000);

  it.each([
    [
      'purchases',
      (at: Estate) => ({ customerId: at.customer, merchantReference: 'x-1', receipt: at.receipt }),
      'uds',
    ],
    ['quotes', (at: Estate) => ({ customerId: at.customer, receipt: at.receipt }), 'uds'],
    ['quotes', (at: Estate) => ({ identityToken: at.identityToken, receipt: at.receipt }), 'uds'],
    [
      'purchases',
      (at: Estate) => ({ identityToken: at.identityToken, merchantReference: 'x-2', receipt: at.receipt }),
      'uds',
    ],
    [
      'purchases',
      (at: Estate) => ({
        identifier: { type: 'code', value: '123456' },
        merchantReference: 'x-3',
        receipt: at.receipt,
        holdIds: [at.hold],
      }),
      'uds',
    ],
    ['holds', (at: Estate) => ({ customerId: at.customer, points: '1' }), 'loyalclient'],
    [
      'referral/links',
      (at: Estate) => ({ customerId: at.referrer, target: { type: 'offer', id: 'off_42' } }),
      'recca',
    ],
    [
      'referral/leads',
      (at: Estate) => ({ referrerCustomerId: at.referrer, contact: { name: 'Pavel' } }),
      'recca',
    ],
    [
      'referral/conversions',
      (at: Estate) => ({ leadId: at.lead, amount: at.receipt.total, merchantReference: 'x-4' }),
      'recca',
    ],
    ['consent-sessions', (at: Estate) => ({ customerId: at.referrer }), 'recca'],
    [
      'api-keys',
      (at: Estate) => ({ name: 'x', scopes: ['loyalty:read'], defaultConnection: at.connections[0]!.id }),
      'uds',
    ],
  ])('cannot use each other’s resources in a body: %s', async (path, body, provider) => {
    const effects = async () => (await world.effects(provider)).length;
    const before = await effects();
    const told = await asStranger({
      method: 'POST',
      path: `/v1/${path}`,
      body: body(estate),
      headers: { 'gateway-connection': provider },
    });
    expect([404, 422]).toContain(told.status);
    expect(await effects()).toBe(before);
    // The owner gets further, so the foreign resource was the cause.
    const owner = await gateway.ask({
      method: 'POST',
      path: `/v1/${path}`,
      body: body(estate),
      key: estate.key,
      headers: { 'idempotency-key': randomUUID(), 'gateway-connection': estate.slugOf(provider) },
    });
    expect(owner.body).not.toMatchObject({ code: told.body.code, detail: told.body.detail });
  });

  it.each([
    ['operations?connectionId=', (at: Estate) => at.connections[0]!.id],
    ['provider-calls?operationId=', (at: Estate) => at.operation],
    ['deliveries?subscriptionId=', (at: Estate) => at.subscription],
    ['referral/tree?customerId=', (at: Estate) => at.referrer],
    ['referral/partners?customerId=', (at: Estate) => at.referrer],
    ['referral/summary?customerId=', (at: Estate) => at.referrer],
    ['referral/leads?customerId=', (at: Estate) => at.referrer],
    ['referral/conversions?customerId=', (at: Estate) => at.referrer],
  ])('cannot filter by each other’s resources: %s', async (path, id) => {
    const headers = { 'gateway-connection': 'recca' };
    const theirs = id(estate);
    const nobodys = newId(theirs.split('_')[0] as IdPrefix);
    const told = await asStranger({ path: `/v1/${path}${theirs}`, headers });
    const nobody = await asStranger({ path: `/v1/${path}${nobodys}`, headers });
    expect(bare(told, theirs)).toBe(bare(nobody, nobodys));
    if (told.status === 200) expect(told.body.data).toEqual([]);
    else expect(told.status).toBe(404);
  });

  it('cannot use each other’s cursors', async () => {
    for (const list of ['connections', 'operations', 'purchases', 'events', 'api-keys', 'audit-log']) {
      const { body } = await gateway.ask({ path: `/v1/${list}?limit=1`, key: estate.key });
      expect(body.nextCursor).toEqual(expect.any(String));
      const told = await asStranger({ path: `/v1/${list}?limit=1&cursor=${body.nextCursor}` });
      expect(told).toMatchObject({ status: 400, body: { code: 'invalid-parameter' } });
    }
  });

  it('do not share idempotency keys', async () => {
    const key = randomUUID();
    const sell = (apiKey: string, connection: string, total: string) =>
      gateway.ask({
        method: 'POST',
        path: '/v1/purchases',
        key: apiKey,
        headers: { 'idempotency-key': key, 'gateway-connection': connection, prefer: 'wait=25' },
        body: {
          identifier: { type: 'code', value: '123456' },
          merchantReference: 'one-for-both',
          receipt: { total: { amount: total, currency: 'RUB' } },
        },
      });
    const ours = await sell(estate.key, estate.slugOf('uds'), '10.00');
    const theirs = await sell(stranger, 'uds', '20.00');
    expect([ours.status, theirs.status]).toEqual([201, 201]);
    expect(theirs.headers['idempotency-replayed']).toBeUndefined();
    expect(theirs.body.receipt.total.amount).toBe('20.00');
    const again = await sell(stranger, 'uds', '20.00');
    expect(again).toMatchObject({
      headers: { 'idempotency-replayed': 'true' },
      body: { id: theirs.body.id },
    });
  });

  it('cannot revert each other’s sales through the UDS v1 façade', async () => {
    const till = async (key: string, path: string, connection: string) => {
      const { id } = (await gateway.ask({ path: `/v1/connections/${connection}`, key })).body;
      const made = { name: 'till', scopes: ['compat'], defaultConnection: id };
      const { body } = await gateway.ask({ method: 'POST', path: '/v1/api-keys', key, body: made });
      const headers = { 'x-api-key': body.key };
      return gateway.ask({ method: 'POST', path: `/compat/uds/v1/partner/${path}`, key: null, headers });
    };
    const sale = 'purchase?code=123456&total=10.0&cash=10.0&scores=0&invoiceNumber=only-ours';
    const sold = await till(estate.key, sale, estate.slugOf('uds'));
    expect(sold.status).toBe(200);
    const { id } = sold.body.operation;
    const [theirs, nobody] = [
      await till(stranger, `revert/${id}`, 'uds'),
      await till(stranger, 'revert/999', 'uds'),
    ];
    expect([theirs.status, nobody.status]).toEqual([404, 404]);
    expect(bare(theirs, String(id))).toBe(bare(nobody, '999'));
  });
});
