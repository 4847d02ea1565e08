import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenConnection } from '#outbound';
import type { TestGateway } from '../support/gateway.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

describe('a report that may be a minute old', () => {
  let stack: Stack;
  let world: World;
  let gateway: TestGateway;
  let at: Record<string, OpenConnection>;
  let customerId: string;

  beforeAll(async () => {
    stack = await startStack({ sandbox: { only: ['recca', 'pp'] } });
    ({ world, gateway } = stack);
    at = { recca: await world.connect('recca'), pp: await world.connect('pp') };
    const { body } = await gateway.ask({
      method: 'POST',
      path: '/v1/customers',
      headers: { 'gateway-connection': at.recca!.id, 'idempotency-key': randomUUID(), prefer: 'wait=25' },
      body: { externalId: 'mysite:vk:12345' },
    });
    customerId = body.id;
  });
  afterAll(() => stack.close());

  it.each([
    ['summary', 'recca'],
    ['tree', 'recca'],
    ['payout-methods', 'pp'],
  ])('is read from the provider once: %s', async (report, provider) => {
    const calls = async () => (await world.journal(provider)).length;
    const whose: Record<string, string> = provider === 'recca' ? { customerId } : {};
    const read = (query: Record<string, string>) =>
      gateway.ask({
        path: `/v1/referral/${report}?${new URLSearchParams({ ...whose, ...query }).toString()}`,
        headers: { 'gateway-connection': at[provider]!.id, prefer: 'wait=25' },
      });
    const first = await read({ maxStaleness: '60' });
    expect(first).toMatchObject({ status: 200 });
    const before = await calls();
    expect((await read({ maxStaleness: '60' })).body).toEqual(first.body);
    expect(await calls()).toBe(before);
    expect((await read({})).body).toEqual(first.body);
    expect(await calls()).toBeGreaterThan(before);
  });
});
