import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenConnection } from '#outbound';
import type { TestGateway } from '../support/gateway.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';

describe('a full lane whose connection follows from the resource', () => {
  let stack: Stack;
  let gateway: TestGateway;
  let uds: OpenConnection;
  let customerId: string;
  let purchaseId: string;

  const identifier = { type: 'code', value: '123456' };
  const post = (path: string, body: unknown, prefer = 'wait=25') =>
    gateway.ask({
      method: 'POST',
      path,
      body,
      headers: { 'gateway-connection': uds.slug, 'idempotency-key': randomUUID(), prefer },
    });

  beforeAll(async () => {
    stack = await startStack({ sandbox: { only: ['uds'] } });
    ({ gateway } = stack);
    uds = await stack.world.connect('uds');
    customerId = (await post('/v1/customers/lookup', { identifier })).body.id;
    const receipt = { total: { amount: '100.00', currency: 'RUB' } };
    const sale = { identifier, merchantReference: randomUUID(), receipt };
    purchaseId = (await post('/v1/purchases', sale)).body.id;
    await stack.world.core.lanes.pause(uds.lane, 60_000);
  });
  afterAll(() => stack.close());

  it('has nothing left for a read', async () => {
    const path = `/v1/customers/${customerId}`;
    const told = await gateway.ask({ path, headers: { prefer: 'wait=0' } });
    expect(told).toMatchObject({ status: 503, body: { code: 'lane-saturated' } });
    expect(told.headers['ratelimit']).toContain('"lane";r=0');
  });

  it('has nothing left for a write that is queued', async () => {
    const refund = { merchantReference: randomUUID() };
    const told = await post(`/v1/purchases/${purchaseId}/refunds`, refund, 'respond-async');
    expect(told).toMatchObject({ status: 202, body: { state: 'queued' } });
    expect(told.headers['ratelimit']).toContain('"lane";r=0');
  });
});
