import { createServer } from 'node:http';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId } from '#canonical';
import { startEventWorkers } from '#events';
import type { EventWorkers } from '#events';
import { startWorkers } from '#outbound';
import type { Workers } from '#outbound';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway } from '../../../../test/support/gateway.js';
import type { TestGateway } from '../../../../test/support/gateway.js';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';

const eventually = <T>(look: () => T) => expect.poll(look);

describe('subscriptions over REST', () => {
  let world: World;
  let gateway: TestGateway;
  let workers: [Workers, EventWorkers];
  let shop: Server;
  let url: string;
  const heard: { headers: Record<string, string>; body: string }[] = [];
  let status = 204;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres' });
    gateway = await startGateway(world);
    workers = [
      startWorkers(world.core, world.queues),
      await startEventWorkers(world, world.settings.databaseUrl),
    ];
    shop = createServer((request, response) => {
      let body = '';
      request.on('data', chunk => (body += String(chunk)));
      request.on('end', () => {
        heard.push({ headers: request.headers as Record<string, string>, body });
        response.writeHead(status).end();
      });
    }).listen(0, '127.0.0.1');
    await once(shop, 'listening');
    url = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/hooks`;
  });
  afterAll(async () => {
    shop.close();
    shop.closeAllConnections();
    await Promise.all(workers.map(each => each.close()));
    await gateway.close();
    await world.close();
  });

  const subscribe = (body: object) => gateway.ask({ method: 'POST', path: '/v1/subscriptions', body });
  const post = (path: string, key?: string) =>
    gateway.ask({ method: 'POST', path, body: {}, ...(key && { key }) });

  it('deliver a sale, and the same delivery again on request', async () => {
    const uds = await world.connect('uds');
    const made = await subscribe({ target: { type: 'webhook', url }, events: ['purchase.*'] });
    expect(made).toMatchObject({
      status: 201,
      headers: { location: `/v1/subscriptions/${made.body.id}` },
      body: { target: { type: 'webhook', url }, events: ['purchase.*'], state: 'active' },
    });
    const { secret, id } = made.body;
    expect(secret).toMatch(/^whsec_/);
    const sold = await gateway.ask({
      method: 'POST',
      path: '/v1/purchases',
      headers: {
        'gateway-connection': uds.id,
        'idempotency-key': 'order-2026-000117-1',
        prefer: 'wait=25',
      },
      body: {
        identifier: { type: 'code', value: '123456' },
        merchantReference: 'order-117',
        receipt: { total: { amount: '100.00', currency: 'RUB' } },
      },
    });
    expect(sold.status).toBe(201);
    await eventually(() => heard.length).toBe(1);
    const told = new Webhook(secret).verify(heard[0]!.body, heard[0]!.headers);
    expect(told).toMatchObject({
      type: 'purchase.succeeded',
      data: { id: sold.body.id, state: 'succeeded' },
    });

    const listed = async () =>
      (await gateway.ask({ path: `/v1/deliveries?subscriptionId=${id}&status=delivered` })).body.data;
    await eventually(listed).toMatchObject([
      { eventType: 'purchase.succeeded', attempts: 1, lastStatus: 204 },
    ]);
    const [delivery] = await listed();
    expect(await post(`/v1/deliveries/${delivery.id}/replay`)).toMatchObject({
      status: 200,
      body: { id: delivery.id },
    });
    await eventually(() => heard.length).toBe(2);
    expect(heard[1]!.headers['webhook-id']).toBe(heard[0]!.headers['webhook-id']);

    const events = await gateway.ask({ path: '/v1/events?type=purchase.*' });
    expect(events.body.data).toEqual([told]);
    expect((await gateway.ask({ path: '/v1/events?type=hold.*' })).body.data).toEqual([]);
  });

  it('show a secret once; a rotation shows only the new one', async () => {
    const { body } = await subscribe({ target: { type: 'webhook', url }, events: ['hold.*'] });
    for (const path of [`/v1/subscriptions/${body.id}`, '/v1/subscriptions'])
      expect(JSON.stringify((await gateway.ask({ path })).body)).not.toContain('whsec_');
    const rotated = await post(`/v1/subscriptions/${body.id}/rotate-secret`);
    expect(rotated.status).toBe(200);
    expect(rotated.body.secret).toMatch(/^whsec_/);
    expect(rotated.body.secret).not.toBe(body.secret);
  });

  it('are tested with a ping, which returns the receiver’s status', async () => {
    const { body } = await subscribe({ target: { type: 'webhook', url }, events: ['hold.*'] });
    expect(await post(`/v1/subscriptions/${body.id}/test`)).toMatchObject({
      status: 200,
      body: { status: 'delivered', eventType: 'subscription.test', lastStatus: 204 },
    });
    status = 500;
    expect((await post(`/v1/subscriptions/${body.id}/test`)).body).toMatchObject({
      status: 'dead',
      lastStatus: 500,
    });
    status = 204;
  });

  it('say what to do when their secret was altered', async () => {
    const { body } = await subscribe({ target: { type: 'webhook', url }, events: ['hold.*'] });
    await world.core.database.source.query(
      'update subscriptions set secret = set_byte(secret, 20, get_byte(secret, 20) # 1) where id = $1',
      [body.id],
    );
    const told = await post(`/v1/subscriptions/${body.id}/test`);
    expect(told).toMatchObject({ status: 409, body: { code: 'state-conflict' } });
    expect(told.body.detail).toContain(`POST /v1/subscriptions/${body.id}/rotate-secret`);
    expect((await gateway.ask({ path: `/v1/deliveries?subscriptionId=${body.id}` })).body.data).toEqual([]);
    await post(`/v1/subscriptions/${body.id}/rotate-secret`);
    expect((await post(`/v1/subscriptions/${body.id}/test`)).body).toMatchObject({ status: 'delivered' });
  });

  it('name the queue that a worker reads', async () => {
    const { body } = await subscribe({ target: { type: 'queue', name: 'shop' }, events: ['*'] });
    expect(body).toMatchObject({
      target: { type: 'queue', name: 'shop' },
      queue: 'loyalty.tenants.test.events.shop',
    });
    expect(body.secret).toBeUndefined();
    expect((await post(`/v1/subscriptions/${body.id}/rotate-secret`)).body.code).toBe('state-conflict');
    expect((await post(`/v1/subscriptions/${body.id}/test`)).body).toMatchObject({ status: 'delivered' });
  });

  it.each([
    [
      'an address of the cloud’s own',
      { type: 'webhook', url: 'https://169.254.169.254/latest' },
      ['*'],
      '/target/url',
    ],
    ['a queue of ours', { type: 'queue', name: 'loyalty.commands' }, ['*'], '/target/name'],
    ['a pattern that never matches', { type: 'queue', name: 'shop' }, ['purchse.*'], '/events/0'],
  ])('refuse %s', async (_, target, events, pointer) => {
    const told = await subscribe({ target, events });
    expect(told).toMatchObject({ status: 422, body: { code: 'validation-failed', errors: [{ pointer }] } });
  });

  it('can be deleted, and are invisible to other tenants', async () => {
    const { body } = await subscribe({ target: { type: 'webhook', url }, events: ['*'] });
    const tenant = await world.tenants.ensure(world.core.database.direct, 'stranger', 'Stranger');
    const key = await gateway.makeKey({ tenantId: tenant.id });
    await post(`/v1/subscriptions/${body.id}/test`);
    const { data } = (await gateway.ask({ path: `/v1/deliveries?subscriptionId=${body.id}` })).body;
    const nobody = await post(`/v1/subscriptions/${newId('sub')}/test`, key);
    const { requestId: _, detail: __, ...same } = nobody.body;
    for (const told of [
      await gateway.ask({ path: `/v1/subscriptions/${body.id}`, key }),
      await gateway.ask({ method: 'DELETE', path: `/v1/subscriptions/${body.id}`, key }),
      await post(`/v1/subscriptions/${body.id}/test`, key),
      await post(`/v1/subscriptions/${body.id}/rotate-secret`, key),
      await post(`/v1/deliveries/${data[0].id}/replay`, key),
    ])
      expect(told).toMatchObject({ status: 404, body: same });
    for (const list of ['subscriptions', 'deliveries', 'events'])
      expect((await gateway.ask({ path: `/v1/${list}`, key })).body.data).toEqual([]);

    expect((await gateway.ask({ method: 'DELETE', path: `/v1/subscriptions/${body.id}` })).status).toBe(204);
    expect((await gateway.ask({ path: `/v1/subscriptions/${body.id}` })).status).toBe(404);
    expect((await post(`/v1/deliveries/${data[0].id}/replay`)).body).toMatchObject({
      code: 'state-conflict',
      detail: `The subscription ${body.id} is deleted: nothing is sent to it any more.`,
    });
  });

  it('appear in the audit log and in /asyncapi.json', async () => {
    const { data } = (await gateway.ask({ path: '/v1/audit-log?limit=100' })).body;
    const actions = data.map(({ action }: { action: string }) => action);
    for (const action of [
      'subscription.created',
      'subscription.secret-rotated',
      'subscription.deleted',
      'delivery.replayed',
    ])
      expect(actions).toContain(action);
    const told = await gateway.ask({ path: '/asyncapi.json', key: null });
    expect(told).toMatchObject({ status: 200, body: { asyncapi: '3.0.0' } });
  });
});
