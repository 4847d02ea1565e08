import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#canonical';
import type { OpenConnection } from '#outbound';
import type { TestGateway } from '../support/gateway.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

describe('a provider’s own calls under /v1/x', () => {
  let stack: Stack;
  let world: World;
  let gateway: TestGateway;
  let uds: OpenConnection;

  beforeAll(async () => {
    stack = await startStack();
    ({ world, gateway } = stack);
    uds = await world.connect('uds');
    await world.connect('pp');
  });
  afterAll(() => stack.close());

  it('returns the provider’s answer, by the tenant’s only connection there', async () => {
    const told = await gateway.ask({ path: '/v1/x/uds/settings' });
    expect(told).toMatchObject({ status: 200, body: { baseDiscountPolicy: expect.any(String) } });
  });

  it('validates the query by the extension’s own class', async () => {
    const told = await gateway.ask({ path: '/v1/x/uds/operations?max=51' });
    expect(told).toMatchObject({
      status: 400,
      body: { code: 'invalid-parameter', errors: [{ pointer: '/query/max' }] },
    });
    expect(await gateway.ask({ path: '/v1/x/uds/operations?colour=red' })).toMatchObject({ status: 400 });
  });

  it('answers 404 where the named connection belongs to another provider', async () => {
    const told = await gateway.ask({ path: '/v1/x/pp/info', headers: { 'gateway-connection': uds.id } });
    expect(told).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it('needs the scope of extensions', async () => {
    const key = await gateway.makeKey({ scopes: ['loyalty:read'] });
    expect(await gateway.ask({ path: '/v1/x/uds/settings', key })).toMatchObject({
      status: 403,
      body: { code: 'scope-missing' },
    });
  });
});

describe('a customer’s page under /v1/x', () => {
  let stack: Stack;
  let gateway: TestGateway;
  let other: OpenConnection;
  let own: OpenConnection;
  let path: string;

  beforeAll(async () => {
    stack = await startStack();
    ({ gateway } = stack);
    [other, own] = [await stack.world.connect('recca'), await stack.world.connect('recca')];
    const { body } = await gateway.ask({
      method: 'POST',
      path: '/v1/customers',
      headers: { 'gateway-connection': own.slug, 'idempotency-key': randomUUID(), prefer: 'wait=25' },
      body: { externalId: 'mysite:vk:12345' },
    });
    path = `/v1/x/recca/cabinet/${body.id}`;
  });
  afterAll(() => stack.close());

  it('is read over the customer’s own connection, whether the key has another default or none', async () => {
    expect(await gateway.ask({ path })).toMatchObject({ status: 200 });
    const key = await gateway.makeKey({ defaultConnectionId: other.id });
    expect(await gateway.ask({ path, key })).toMatchObject({ status: 200 });
  });

  it('is not found where the header names another connection, or for a customer who is none', async () => {
    const headers = { 'gateway-connection': other.slug };
    expect((await gateway.ask({ path, headers })).body.code).toBe('not-found');
    const nobody = `/v1/x/recca/cabinet/${newId('cus')}`;
    expect((await gateway.ask({ path: nobody })).body.code).toBe('not-found');
  });

  it('is not found for a customer of another provider', async () => {
    const uds = await stack.world.connect('uds');
    const { body } = await gateway.ask({
      method: 'POST',
      path: '/v1/customers/lookup',
      headers: { 'gateway-connection': uds.slug },
      body: { identifier: { type: 'code', value: '123456' } },
    });
    const told = await gateway.ask({ path: `/v1/x/recca/cabinet/${body.id}` });
    expect(told).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(told.body.detail).toContain(uds.slug);
  });
});

describe('customers over REST', () => {
  let stack: Stack;
  let world: World;
  let gateway: TestGateway;

  beforeAll(async () => {
    stack = await startStack();
    ({ world, gateway } = stack);
    await world.connect('uds');
  });
  afterAll(() => stack.close());

  it('looks up by code, reads by id, lists over pages, and forgets', async () => {
    const found = await gateway.ask({
      method: 'POST',
      path: '/v1/customers/lookup',
      body: {
        identifier: { type: 'code', value: '123456' },
        receipt: { total: { amount: '1000.00', currency: 'RUB' } },
      },
    });
    expect(found).toMatchObject({
      status: 200,
      body: { member: true, identityToken: { canRedeem: true }, maxRedeemPoints: expect.any(String) },
    });
    const read = await gateway.ask({ path: `/v1/customers/${found.body.id}` });
    expect(read).toMatchObject({ status: 200, body: { id: found.body.id } });
    const page = await gateway.ask({ path: '/v1/customers?limit=2' });
    expect(page.body.data).toHaveLength(2);
    const next = await gateway.ask({ path: `/v1/customers?limit=2&cursor=${page.body.nextCursor}` });
    expect(next.body.data[0].id).not.toBe(page.body.data[0].id);
    expect(
      await gateway.ask({ path: `/v1/customers?limit=2&from=2026-01-01&cursor=${page.body.nextCursor}` }),
    ).toMatchObject({ status: 400 });
    expect(await gateway.ask({ method: 'DELETE', path: `/v1/customers/${found.body.id}` })).toMatchObject({
      status: 204,
    });
  });

  it('refuses a card with the adapter’s reason', async () => {
    const told = await gateway.ask({
      method: 'POST',
      path: '/v1/customers/lookup',
      body: { identifier: { type: 'card', value: '42' } },
    });
    expect(told).toMatchObject({
      status: 501,
      body: { code: 'capability-not-supported', capability: 'customer.lookup.card' },
    });
  });
});
