import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';
import { calls } from './api-document.js';
import { undocumented } from './documented-answer.js';

// Refusals that need earlier requests, so random requests hardly ever get them.
describe('a refusal at the till matches the OpenAPI document', () => {
  let world: World;
  let gateway: TestGateway;
  let at: Record<string, string>;
  let time = Date.now();

  beforeAll(async () => {
    world = await startWorld({
      store: 'postgres',
      sandbox: { only: ['uds', 'loyalclient'] },
      now: () => new Date(time),
    });
    gateway = await startGateway(world);
    at = {
      uds: (await world.connect('uds')).id,
      loyalclient: (await world.connect('loyalclient')).id,
    };
  });
  afterAll(async () => {
    await gateway.close();
    await world.close();
  });

  const post = async (path: string, provider: string, body: object) => {
    const headers = {
      'gateway-connection': at[provider]!,
      'idempotency-key': randomUUID(),
      prefer: 'wait=25',
    };
    const told = await gateway.ask({ method: 'POST', path, body, headers });
    const call = calls.find(each => each.method === 'POST' && each.path === path);
    return { ...told, fault: call && undocumented(call, told) };
  };
  const code = { type: 'code', value: '123456' };
  const card = { type: 'card', value: '2000000000024' };
  const receipt = { total: { amount: '1000.00', currency: 'RUB' } };
  const sale = () => ({ receipt, merchantReference: randomUUID() });

  it('for a quote of more points than the customer has', async () => {
    const wanted = { ...receipt, redeemPoints: '100000' };
    const told = await post('/v1/quotes', 'uds', { identifier: code, receipt: wanted });
    expect([told.body.code, told.fault]).toEqual(['insufficient-points', undefined]);
  });

  it('for any request that names a released hold', async () => {
    const who = { identifier: card, locationId: 'shop-1' };
    const { body } = await post('/v1/holds', 'loyalclient', { ...who, points: '1' });
    await post(`/v1/holds/${body.id}/release`, 'loyalclient', {});
    const holdIds = [body.id];
    for (const [path, more] of [
      ['/v1/customers/lookup', { receipt }],
      ['/v1/quotes', { receipt }],
      ['/v1/purchases', sale()],
    ] as const) {
      const told = await post(path, 'loyalclient', { ...who, ...more, holdIds });
      expect([path, told.body.code, told.fault]).toEqual([path, 'state-conflict', undefined]);
    }
  });

  it('for an unknown point of sale', async () => {
    const who = { identifier: card, locationId: 'nowhere' };
    for (const [path, more] of [
      ['/v1/customers/lookup', {}],
      ['/v1/quotes', { receipt }],
      ['/v1/holds', { points: '1' }],
      ['/v1/purchases', sale()],
    ] as const) {
      const told = await post(path, 'loyalclient', { ...who, ...more });
      expect([path, told.body.code, told.fault]).toEqual([path, 'location-unknown', undefined]);
    }
  });

  it('for an expired identity token', async () => {
    const { body } = await post('/v1/customers/lookup', 'loyalclient', {
      identifier: card,
      locationId: 'shop-1',
    });
    const who = { identityToken: body.identityToken.token, locationId: 'shop-1' };
    time = Date.parse(body.identityToken.expiresAt) + 1;
    for (const [path, more] of [
      ['/v1/quotes', { receipt }],
      ['/v1/holds', { points: '1' }],
      ['/v1/purchases', sale()],
    ] as const) {
      const told = await post(path, 'loyalclient', { ...who, ...more });
      expect([path, told.body.code, told.fault]).toEqual([path, 'identity-token-expired', undefined]);
    }
  });

  it('for a write that was cancelled while queued', async () => {
    const headers = {
      'gateway-connection': at['uds']!,
      'idempotency-key': randomUUID(),
      prefer: 'respond-async',
    };
    const bought = {
      method: 'POST',
      path: '/v1/purchases',
      body: { identifier: code, ...sale() },
      headers,
    } as const;
    const { body } = await gateway.ask(bought);
    expect(
      (await gateway.ask({ method: 'POST', path: `/v1/operations/${body.id}/cancel`, body: {} })).status,
    ).toBe(200);
    const told = await gateway.ask({ ...bought, headers: { ...headers, prefer: 'wait=25' } });
    const call = calls.find(each => each.method === 'POST' && each.path === '/v1/purchases')!;
    expect([told.body.code, undocumented(call, told)]).toEqual(['state-conflict', undefined]);
  });
});
