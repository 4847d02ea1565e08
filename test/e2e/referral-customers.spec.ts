import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holdKind, listCustomers, lookUpCustomer, readCustomer } from '#outbound';
import type { OpenConnection } from '#outbound';
import { demo } from '#canonical';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const terms = { waitMs: 15_000 };
const receipt = { total: { amount: '1000.00', currency: 'RUB' } };

let world: World;

beforeAll(async () => {
  world = await startWorld({ sandbox: { only: ['uds', 'loyalclient'] } });
});
afterAll(() => world.close());

describe('a customer at the till', () => {
  let uds: OpenConnection;
  beforeAll(async () => {
    uds = await world.connect('uds', { advisoryHolds: true });
  });

  const byCode = (more: object = {}) =>
    lookUpCustomer(
      world.core,
      uds,
      { identifier: { type: 'code', value: '123456' }, receipt, ...more },
      terms,
    );

  it('is found by code, with a token that does not reveal the code', async () => {
    const found = await byCode();
    expect(found).toMatchObject({
      id: expect.stringMatching(/^cus_/),
      member: true,
      identityToken: { canRedeem: true },
    });
    expect(found).not.toHaveProperty('identity');
    expect(JSON.stringify(found)).not.toContain('123456"');
    expect((await byCode()).id).toBe(found.id);
  });

  it('is not offered points held for another sale, unless the hold is named', async () => {
    const before = await byCode();
    const held = Number(before.balancePoints) - 10;
    const hold = await world.write(holdKind, uds, {
      body: { customerId: before.id, points: String(held) },
    });
    expect(hold.status).toBe(201);
    expect((await byCode()).maxRedeemPoints).toBe('10');
    const { id } = hold.body as { id: string };
    expect((await byCode({ holdIds: [id] })).maxRedeemPoints).toBe(before.maxRedeemPoints);
  });

  it('is read by id, and not through another connection', async () => {
    const { id } = await byCode();
    expect(await readCustomer(world.core, uds, id, terms)).toMatchObject({ id, member: true });
    const elsewhere = await world.connect('uds');
    await expect(readCustomer(world.core, elsewhere, id, terms)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('has the same id in the list and the look-up', async () => {
    const { id } = await byCode();
    const { data } = await listCustomers(world.core, uds, { limit: 50 }, terms);
    expect(data.map(one => one.id)).toContain(id);
    expect(new Set(data.map(one => one.id)).size).toBe(data.length);
  });

  it('keeps one id with two concurrent readers', async () => {
    const fresh = await world.connect('uds');
    const both = await Promise.all([
      listCustomers(world.core, fresh, { limit: 50 }, terms),
      listCustomers(world.core, fresh, { limit: 50 }, terms),
    ]);
    expect(both[0].data.length).toBeGreaterThan(1);
    expect(both[0].data.map(one => one.id)).toEqual(both[1].data.map(one => one.id));
  });

  it('is refused, with the reason, for an unsupported identifier', async () => {
    await expect(
      lookUpCustomer(world.core, uds, { identifier: { type: 'card', value: '1' } }, terms),
    ).rejects.toMatchObject({ code: 'capability-not-supported' });
  });
});

describe('a customer of a provider without look-up by id', () => {
  it('is returned from stored data, marked stale, and nothing is sent', async () => {
    const loyalclient = await world.connect('loyalclient');
    const identifier = { type: 'phone' as const, value: '+79031234567' };
    const { id, providerRefs } = await lookUpCustomer(
      world.core,
      loyalclient,
      { identifier, locationId: demo.locationId },
      terms,
    );
    const calls = (await world.journal('loyalclient')).length;
    expect(await readCustomer(world.core, loyalclient, id, terms)).toEqual({
      id,
      providerRefs,
      member: true,
      stale: true,
    });
    expect(await world.journal('loyalclient')).toHaveLength(calls);
  });
});
