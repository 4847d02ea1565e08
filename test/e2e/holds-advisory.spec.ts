import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { lookUpCustomer, purchaseKind, quote } from '#outbound';
import type { Core, OpenConnection } from '#outbound';
import { startGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { Scene, rub } from './holds-scene.js';

// 150.50 points, which may pay half of a receipt.
const boris = {
  code: { identifier: { type: 'code', value: '000123' } },
  phone: { identifier: { type: 'phone', value: '+79990000002' } },
} as const;
const soldFor = { total: '1000.00' };

let scene: Scene;
let shop: OpenConnection;

beforeAll(async () => {
  scene = await Scene.open();
});
afterAll(() => scene.close());
beforeEach(async () => {
  await scene.world.control('reset', { provider: 'uds' });
  shop = await scene.world.connect('uds', { advisoryHolds: true });
});

const spends = async () => (await scene.world.effects('uds')).filter(effect => effect.type === 'purchase');
const customer = () => lookUpCustomer(scene.core, shop, boris.phone as never, { waitMs: 15_000 });

describe('points that the gateway holds itself', () => {
  it('are held only if the connection enables it', async () => {
    const plain = await scene.world.connect('uds');
    await expect(scene.hold(plain, boris.code, { points: '1' })).rejects.toMatchObject({
      code: 'capability-not-supported',
    });
  });

  it('belong to the same person, whatever the identifier', async () => {
    const hold = await scene.held(shop, boris.code, { points: '100' });
    expect(hold).toMatchObject({ guarantee: 'advisory', state: 'active', providerRefs: {} });
    const { id, identityToken } = await customer();
    const names = [boris.code, boris.phone, { customerId: id }, { identityToken: identityToken!.token }];
    for (const who of names) {
      const more = scene.hold(shop, who as never, { points: '60' });
      await expect(more).rejects.toMatchObject({
        code: 'insufficient-points',
        members: { maxRedeemPoints: '50.5' },
      });
    }
    for (const who of [boris.code, { identityToken: identityToken!.token }]) {
      const spend = scene.buy(shop, who as never, { ...soldFor, redeem: '60' });
      await expect(spend).rejects.toMatchObject({ code: 'insufficient-points' });
    }
    expect(await spends()).toEqual([]);
  });

  it('are not offered to another till', async () => {
    const hold = await scene.held(shop, boris.code, { points: '100' });
    const body = { ...boris.code, receipt: { total: rub('1000.00') } };
    const terms = { waitMs: 15_000 };
    expect(await quote(scene.core, shop, body as never, terms)).toMatchObject({ maxRedeemPoints: '50.5' });
    const own = { ...body, holdIds: [hold.id] };
    expect(await quote(scene.core, shop, own as never, terms)).toMatchObject({ maxRedeemPoints: '150.5' });
    const { id, identityToken } = await customer();
    for (const who of [boris.phone, { customerId: id }, { identityToken: identityToken!.token }]) {
      const asked = { ...who, receipt: body.receipt };
      const priced = await quote(scene.core, shop, asked as never, terms);
      expect(Number(priced.maxRedeemPoints)).toBeLessThanOrEqual(50.5);
    }
  });

  it('are not priced into another till’s receipt', async () => {
    const hold = await scene.held(shop, boris.code, { points: '100' });
    const price = (redeemPoints: string, holdIds: string[] = []) => {
      const body = { ...boris.code, receipt: { total: rub('1000.00'), redeemPoints }, holdIds };
      return quote(scene.core, shop, body as never, { waitMs: 15_000 });
    };
    await expect(price('60')).rejects.toMatchObject({
      code: 'insufficient-points',
      members: { maxRedeemPoints: '50.5' },
    });
    expect(await price('50.5')).toMatchObject({ payable: rub('949.50') });
    expect(await price('60', [hold.id])).toMatchObject({ payable: rub('940.00') });
  });

  it.each([
    ['quote', (core: Core, body: object) => quote(core, shop, body as never, { waitMs: 15_000 })],
    ['look-up', (core: Core, body: object) => lookUpCustomer(core, shop, body as never, { waitMs: 15_000 })],
  ])('are not offered by a %s whose balance was read before a spend ended', async (_, offer) => {
    const { balances } = scene.core.stores;
    let sold: Promise<unknown> | undefined;
    const lock: typeof balances.lock = async (...asked) => {
      await (sold ??= scene.buy(shop, boris.code, { ...soldFor, redeem: '100' }));
      await balances.lock(...asked);
    };
    const stores = { ...scene.core.stores, balances: Object.assign(Object.create(balances), { lock }) };
    const body = { ...boris.code, receipt: { total: rub('1000.00') } };
    expect(await offer({ ...scene.core, stores }, body)).toMatchObject({ maxRedeemPoints: '50.5' });
    expect(await spends()).toHaveLength(1);
  });

  it('are available only to the purchase that names the hold', async () => {
    const hold = await scene.held(shop, boris.code, { points: '100' });
    await scene.held(shop, boris.phone, { points: '50' });
    const all = scene.buy(shop, boris.code, { ...soldFor, redeem: '150', holdIds: [hold.id] });
    await expect(all).rejects.toMatchObject({ members: { maxRedeemPoints: '100.5' } });
    const own = await scene.buy(shop, boris.code, { ...soldFor, redeem: '100', holdIds: [hold.id] });
    expect(own.status).toBe(201);
    expect(await scene.told(hold.id)).toEqual(['hold.created', 'hold.consumed']);
    await expect(scene.buy(shop, boris.code, { ...soldFor, redeem: '60' })).rejects.toMatchObject({
      code: 'insufficient-points',
    });
  });

  it('are promised also where another connection with the same key sells', async () => {
    await scene.held(shop, boris.code, { points: '100' });
    const other = await scene.beside(shop);
    const refusal = { code: 'insufficient-points', members: { maxRedeemPoints: '50.5' } };
    await expect(scene.buy(other, boris.code, { ...soldFor, redeem: '60' })).rejects.toMatchObject(refusal);
    await expect(scene.hold(other, boris.code, { points: '60' })).rejects.toMatchObject(refusal);
    const body = { ...boris.code, receipt: { total: rub('1000.00') } };
    const priced = await quote(scene.core, other, body as never, { waitMs: 15_000 });
    expect(priced).toMatchObject({ maxRedeemPoints: '50.5' });
  });

  it('are not affected by another customer’s spend, quote or sale', async () => {
    const hold = await scene.held(shop, boris.code, { points: '100' });
    const other = { identifier: { type: 'phone', value: '+79990000001' } } as const;
    const { id } = await lookUpCustomer(scene.core, shop, other as never, { waitMs: 15_000 });
    const refusal = { code: 'validation-failed', members: { errors: [{ pointer: '/holdIds/0' }] } };
    const price = { customerId: id, receipt: { total: rub('100.00') }, holdIds: [hold.id] };
    await expect(quote(scene.core, shop, price as never, { waitMs: 15_000 })).rejects.toMatchObject(refusal);
    const named = { ...soldFor, holdIds: [hold.id] };
    await expect(scene.buy(shop, { customerId: id }, named)).rejects.toMatchObject(refusal);
    // The customer is known only from the answer; the sale succeeds, and the hold is unchanged.
    expect((await scene.buy(shop, other, named)).status).toBe(201);
    expect(await scene.read(hold.id)).toMatchObject({ state: 'active' });
    expect((await scene.buy(shop, boris.code, { ...named, redeem: '100' })).status).toBe(201);
    expect(await scene.read(hold.id)).toMatchObject({ state: 'consumed' });
  });

  it.each([
    ['its balance cannot be read', () => shop],
    ['its connection is paused', () => ({ ...shop, state: 'paused' as const })],
  ])('do not hide a sale that stands from a repeat under a new key, also while %s', async (_, connection) => {
    const receipt = { total: rub('1000.00'), redeemPoints: '60' };
    const body = { ...boris.code, merchantReference: `stands-${randomUUID()}`, receipt };
    const sold = await scene.write(purchaseKind, shop, body);
    expect(sold.status).toBe(201);
    await scene.world.control('faults', {
      provider: 'uds',
      method: 'GET',
      fault: 'reset-before-reading',
      count: 9,
    });
    const again = await scene.write(purchaseKind, connection(), body);
    expect(again).toMatchObject({ status: 200, operationId: sold.operationId });
    expect(await spends()).toHaveLength(1);
  });

  it('are available again when the purchase is refused, or the hold released or expired', async () => {
    const hold = await scene.held(shop, boris.code, { points: '100' });
    // Points may pay at most half of 100 roubles.
    const refused = await scene.buy(shop, boris.code, { total: '100.00', redeem: '100', holdIds: [hold.id] });
    expect(refused.status).toBe(422);
    expect(await scene.read(hold.id)).toMatchObject({ state: 'active' });
    expect((await scene.release(shop, hold.id)).body).toMatchObject({
      state: 'released',
      release: { verified: true },
    });
    const brief = await scene.held(shop, boris.code, { points: '150', durationSeconds: 60 });
    await scene.pass(61);
    await scene.held(shop, boris.code, { points: '150' });
    expect(await scene.read(brief.id)).toMatchObject({ state: 'expired' });
  });

  it('are not promised during a spend with an unknown outcome, also after its hold has expired', async () => {
    const hold = await scene.held(shop, boris.code, { points: '100', durationSeconds: 60 });
    await scene.world.control('faults', {
      provider: 'uds',
      method: 'POST',
      fault: 'reset-before-reading',
      count: 9,
    });
    await scene.attempt(shop, boris.code, { ...soldFor, redeem: '100', holdIds: [hold.id] });
    await expect.poll(async () => (await scene.read(hold.id)).state).toBe('doubtful');
    await scene.pass(61);
    expect(await scene.read(hold.id)).toMatchObject({ state: 'expired' });
    const more = scene.hold(shop, boris.phone, { points: '51' });
    await expect(more).rejects.toMatchObject({ members: { maxRedeemPoints: '50.5' } });
    expect((await scene.hold(shop, boris.phone, { points: '50' })).status).toBe(201);
  });

  it('are never promised twice to concurrent tills', async () => {
    const { id } = await customer();
    const names = [boris.code, boris.phone, { customerId: id }];
    // So small a sale earns too few points for a fourth promise, whenever the balance is read.
    const small = { total: '80.00', redeem: '40' };
    const asks = Array.from({ length: 9 }, (_, n) =>
      n % 3 === 0
        ? scene.buy(shop, boris.code, small)
        : scene.hold(shop, names[n % 3]! as never, { points: '40' }),
    );
    const answers = await Promise.allSettled(asks);
    const given = answers.filter(one => one.status === 'fulfilled' && one.value.status === 201);
    // A spend that ends during a balance read may be counted twice: then less is promised, never more.
    expect([1, 2, 3]).toContain(given.length);
    const [{ held }] = await scene.core.database.direct.query(
      `select coalesce(sum(points), 0)::float8 as held from holds where state = 'active' and connection_id = $1`,
      [shop.id],
    );
    expect(held + 40 * (await spends()).length).toBe(40 * given.length);
  });

  it('take no longer to look for where the code that was shown has ended since', async () => {
    const used = { identifier: { type: 'code', value: '111111' } } as const;
    const found = await lookUpCustomer(scene.core, shop, used as never, { waitMs: 15_000 });
    expect((await scene.buy(shop, used, soldFor)).status).toBe(201);
    const late = { fault: 'late-answer', params: { delayMs: 300 } };
    await scene.world.control('faults', { provider: 'uds', method: 'GET', ...late });
    const { core } = scene;
    const timeouts: number[] = [];
    const patient = async (asked: Parameters<typeof core.send.send>[0]) => {
      timeouts.push(asked.timeoutMs);
      return core.send.send(asked);
    };
    scene.core = { ...core, send: { ...core.send, send: patient } };
    const who = { identityToken: found.identityToken!.token };
    const held = scene.hold(shop, who as never, { points: '1' });
    expect(await held.finally(() => (scene.core = core))).toMatchObject({ status: 201 });
    // The second look, by the customer's number, has what the first has left of the three seconds.
    expect(timeouts).toHaveLength(2);
    expect(timeouts[1]).toBeLessThan(2_750);
  });

  it('are not held for an unknown customer', async () => {
    const nobody = { identifier: { type: 'phone', value: '+79995554433' } } as const;
    await expect(scene.hold(shop, nobody, { points: '1' })).rejects.toMatchObject({
      code: 'insufficient-points',
    });
  });

  it('are answered for without waiting to be woken, since nobody wakes for what is settled already', async () => {
    const wait = vi.spyOn(scene.world.core.notifications, 'wait');
    await scene.held(shop, boris.code, { points: '1' });
    expect(wait).not.toHaveBeenCalled();
  });

  it('are 503 while the balance cannot be read', async () => {
    await scene.world.control('faults', { provider: 'uds', method: 'GET', fault: '502-html', count: 9 });
    await expect(scene.hold(shop, boris.code, { points: '1' })).rejects.toMatchObject({
      code: 'provider-unavailable',
    });
    const lines = await scene.core.database.direct.query('select 1 from holds where connection_id = $1', [
      shop.id,
    ]);
    expect(lines).toEqual([]);
  });
});

describe.each(['respond-async', 'wait=0'])('a till that does not wait (%s)', prefer => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway(scene.world);
  });
  afterAll(() => gateway.close());
  beforeEach(() =>
    scene.world.control('faults', {
      provider: 'uds',
      method: 'GET',
      fault: 'late-answer',
      params: { delayMs: 300 },
    }),
  );

  const post = (path: string, body: object) =>
    gateway.ask({
      method: 'POST',
      path,
      body: { ...boris.code, ...body },
      headers: { 'gateway-connection': shop.id, 'idempotency-key': randomUUID(), prefer },
    });

  it('holds points where the provider takes a while to tell the balance', async () => {
    const told = await post('/v1/holds', { points: '10' });
    expect(told).toMatchObject({ status: 201, body: { guarantee: 'advisory', state: 'active' } });
  });

  it('spends points there', async () => {
    const receipt = { total: rub('1000.00'), redeemPoints: '10' };
    const told = await post('/v1/purchases', { merchantReference: `async-${randomUUID()}`, receipt });
    expect(told).toMatchObject({ status: 202, body: { kind: 'createPurchase', outcome: 'not-executed' } });
  });
});
