import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { purchaseKind, read } from '#outbound';
import type { OpenConnection } from '#outbound';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const rub = (amount: string) => ({ amount, currency: 'RUB' });

describe('a company that changes its policy while its settings are shared', () => {
  let world: World;
  let uds: OpenConnection;
  let orders = 0;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres' });
  });
  beforeEach(async () => {
    await world.control('reset', { provider: 'uds', options: {} });
    uds = await world.connect('uds');
    expect(await buy()).toMatchObject({ status: 201, body: { result: { discount: rub('0.00') } } });
    await world.control('reset', { provider: 'uds', options: { policy: 'APPLY_DISCOUNT' } });
  });
  afterAll(() => world?.close());

  const buy = (expectedPayable?: object) =>
    world.write(purchaseKind, uds, {
      body: {
        identifier: { type: 'phone', value: '+79990000002' },
        merchantReference: `order-${++orders}`,
        receipt: { total: rub('1000.00'), ...(expectedPayable && { expectedPayable }) },
      },
    });
  const sent = async () =>
    (await world.journal('uds')).map(
      ({ method, path }) => `${method} ${path.replace(/^.*\/(?=[^/]+$)|\?.*$/g, '')}`,
    );

  it('gets sales by its new rules: settings are read again after a refusal', async () => {
    const first = await buy();
    expect(first).toMatchObject({ status: 201 });
    expect(Number((first.body as any).result.discount.amount)).toBeGreaterThan(0);
    expect((await sent()).filter(call => call === 'GET settings')).toHaveLength(1);
    expect(await buy()).toMatchObject({ status: 201 });
    expect((await sent()).filter(call => call === 'POST operations')).toHaveLength(3);
    expect(await world.effects('uds')).toHaveLength(2);
  });

  it('gets no sale for another amount than the till’s', async () => {
    expect(await buy(rub('1000.00'))).toMatchObject({
      status: 422,
      body: { code: 'amount-mismatch', errors: [{ pointer: '/receipt/expectedPayable' }] },
    });
    expect(await world.effects('uds')).toEqual([]);
  });
});

describe('a company that changes what a phone may do while its settings are shared', () => {
  let world: World;
  let uds: OpenConnection;
  let orders = 0;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres' });
  });
  beforeEach(async () => {
    uds = await world.connect('uds');
  });
  afterAll(() => world?.close());

  const rules = (options: object) => world.control('reset', { provider: 'uds', options });
  const anna = { type: 'phone', value: '+79990000001' } as const;
  const redeem = () =>
    world.write(purchaseKind, uds, {
      body: {
        identifier: anna,
        merchantReference: `order-${++orders}`,
        receipt: { total: rub('1000.00'), redeemPoints: '100' },
      },
    });
  const canRedeem = async () =>
    (await read(world.core, uds, 'lookupCustomer', { identifier: anna, holds: [] }, { waitMs: 10_000 }))
      .identity?.canRedeem;

  it('accepts points by phone as soon as the company does', async () => {
    await rules({ usePointsByPhone: false });
    expect(await redeem()).toMatchObject({ status: 422, body: { code: 'redeem-requires-code' } });
    await rules({ usePointsByPhone: true });
    expect(await redeem()).toMatchObject({ status: 201, body: { result: { redeemedPoints: '100' } } });
  });

  it('returns UDS’s refusal of points by phone, and shows it at the next look-up', async () => {
    await rules({ usePointsByPhone: true });
    expect(await canRedeem()).toBe(true);
    await rules({ usePointsByPhone: false });
    expect(await redeem()).toMatchObject({
      status: 422,
      body: { code: 'redeem-requires-code', provider: { code: 'withdrawNotPermitted' } },
    });
    expect(await world.effects('uds')).toEqual([]);
    expect(await canRedeem()).toBe(false);
  });
});
