import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  expireHolds,
  holdKind,
  lookUpCustomer,
  operationOf,
  reconcile,
  resolveOperation,
  settleDoubts,
} from '#outbound';
import type { OpenConnection } from '#outbound';
import type { Hold, Operation } from '#canonical';
import { Scene, anna, maria, oleg } from './holds-scene.js';

let scene: Scene;
let shop: OpenConnection;

beforeAll(async () => {
  scene = await Scene.open();
});
afterAll(() => scene.close());
beforeEach(() => start());

async function start(options: object = {}): Promise<void> {
  await scene.world.control('reset', { provider: 'loyalclient', options });
  await scene.pass(0);
  shop = await scene.world.connect('loyalclient');
}

/** The outcome after reconciliation, a few seconds later. */
async function later(seconds = 3): Promise<void> {
  await scene.pass(seconds);
  await settleDoubts(scene.core);
}

describe('a hold at LoyalClient', () => {
  it('does not deadlock when two tills of one point of sale use their holds at once', async () => {
    const [hers, his] = [
      await scene.held(shop, anna, { points: '10' }),
      await scene.held(shop, maria, { points: '10' }),
    ];
    const { core } = scene;
    const { doubts } = core.stores;
    const blocked = async () =>
      (
        await core.database.direct.query(
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
      ).length > 0;
    let here = 0;
    const refused: unknown[] = [];
    // Each has used its own hold, and requests the other's when both are here or one already waits.
    const doubtAround: typeof doubts.doubtAround = async (...asked) => {
      here++;
      await expect.poll(async () => here > 1 || (await blocked())).toBe(true);
      return doubts.doubtAround(...asked).catch(error => {
        refused.push(error);
        throw error;
      });
    };
    const own = { doubtAround };
    const crossing = new Proxy(doubts, {
      get: (store, name) => Reflect.get(own, name) ?? Reflect.get(store, name).bind(store),
    });
    scene.core = { ...core, stores: { ...core.stores, doubts: crossing } };
    try {
      const sales = [
        scene.buy(shop, anna, { holdIds: [hers.id] }),
        scene.buy(shop, maria, { holdIds: [his.id] }),
      ];
      for (const { status } of await Promise.all(sales)) expect(status).toBe(201);
    } finally {
      scene.core = core;
    }
    expect(refused).toEqual([]);
    expect(await scene.read(hers.id)).toMatchObject({ state: 'consumed' });
    expect(await scene.read(his.id)).toMatchObject({ state: 'consumed' });
  });

  it('is kept, named in its purchase, and consumed by it', async () => {
    const hold = await scene.held(shop, anna, { points: '800' });
    expect(hold).toMatchObject({
      guarantee: 'provider',
      state: 'active',
      points: '800',
      locationId: 'shop-1',
    });
    expect(hold.providerRefs).toHaveProperty('holdId');
    const without = await scene.buy(shop, anna, { total: '1000.00', redeem: '800' });
    expect(without).toMatchObject({ status: 422, body: { code: 'redeem-limit-exceeded' } });
    const named = await scene.buy(shop, anna, { total: '1000.00', redeem: '800', holdIds: [hold.id] });
    expect(named).toMatchObject({ status: 201, body: { result: { redeemedPoints: '800' } } });
    expect(await scene.read(hold.id)).toMatchObject({ state: 'consumed' });
    expect(await scene.told(hold.id)).toEqual(['hold.created', 'hold.consumed']);
  });

  it('is sent to the provider once, however often a purchase names it', async () => {
    const { id, providerRefs } = await scene.held(shop, anna, { points: '100' });
    expect(await scene.buy(shop, anna, { redeem: '100', holdIds: [id, id] })).toMatchObject({ status: 201 });
    const [sent] = (await scene.world.journal('loyalclient')).filter(({ path }) => path.endsWith('/retail'));
    expect(JSON.parse(sent!.body!).hold).toEqual([providerRefs['holdId']]);
  });

  it('is released once, and not after its expiry', async () => {
    const hold = await scene.held(shop, anna, { points: '100' });
    expect(await scene.release(shop, hold.id)).toMatchObject({
      status: 200,
      body: { state: 'released', release: { reason: 'customer left', verified: false } },
    });
    await expect(scene.release(shop, hold.id)).rejects.toMatchObject({ code: 'state-conflict' });
    const other = await scene.held(shop, anna, { points: '878', durationSeconds: 60 });
    await scene.pass(61);
    await expect(scene.release(shop, other.id)).rejects.toMatchObject({ code: 'hold-expired' });
    await expect(scene.buy(shop, anna, { holdIds: [other.id] })).rejects.toMatchObject({
      code: 'hold-expired',
    });
    expect(await scene.read(other.id)).toMatchObject({ state: 'expired' });
    expect(await scene.read(other.id)).toMatchObject({ state: 'expired' });
    expect(await expireHolds(scene.core)).toBe(0);
    expect(await scene.told(other.id)).toEqual(['hold.created', 'hold.expired']);
  });

  it('is refused above the balance, with the available points', async () => {
    await scene.held(shop, anna, { points: '800' });
    expect(await scene.hold(shop, anna, { points: '79' })).toMatchObject({
      status: 422,
      body: { code: 'insufficient-points', maxRedeemPoints: '78' },
    });
  });

  it('is used by one purchase at a time', async () => {
    const hold = await scene.held(shop, anna, { points: '100' });
    await scene.world.control('faults', {
      provider: 'loyalclient',
      pathPattern: 'retail',
      fault: 'commit-then-reset',
      count: 1,
    });
    await scene.attempt(shop, anna, { redeem: '100', holdIds: [hold.id] });
    await expect.poll(async () => (await scene.read(hold.id)).state).toBe('doubtful');
    await expect(scene.buy(shop, maria, { holdIds: [hold.id] })).rejects.toMatchObject({
      code: 'state-conflict',
    });
    await scene.pass(601);
    expect(await scene.read(hold.id)).toMatchObject({ state: 'expired' });
  });

  it('cannot be used by another client’s sale, and is unchanged', async () => {
    const hold = await scene.held(shop, anna, { points: '100' });
    const found = await lookUpCustomer(scene.core, shop, maria as never, { waitMs: 15_000 });
    const refusal = { code: 'validation-failed', errors: [{ pointer: '/holdIds/0' }] };
    const known = scene.buy(shop, { customerId: found.id }, { holdIds: [hold.id] });
    await expect(known).rejects.toMatchObject({ code: refusal.code, members: { errors: refusal.errors } });
    expect(await scene.buy(shop, maria, { holdIds: [hold.id] })).toMatchObject({
      status: 422,
      body: refusal,
    });
    expect((await scene.world.journal('loyalclient')).filter(({ path }) => path.endsWith('/retail'))).toEqual(
      [],
    );
    expect(await scene.read(hold.id)).toMatchObject({ state: 'active' });
    expect((await scene.buy(shop, anna, { redeem: '100', holdIds: [hold.id] })).status).toBe(201);
  });

  it('is free again when the purchase that named it was refused', async () => {
    const hold = await scene.held(shop, anna, { points: '100' });
    expect((await scene.buy(shop, anna, { redeem: '9999', holdIds: [hold.id] })).status).toBe(422);
    expect(await scene.read(hold.id)).toMatchObject({ state: 'active' });
    expect((await scene.buy(shop, anna, { redeem: '100', holdIds: [hold.id] })).status).toBe(201);
    expect(await scene.told(hold.id)).toEqual(['hold.created', 'hold.consumed']);
  });
});

describe.each([
  ['point', 'at its point of sale', oleg, 'shop-1', 'expired'],
  ['point', 'of its client elsewhere', anna, 'shop-2', 'active'],
  ['client', 'at its point of sale', oleg, 'shop-1', 'active'],
  ['client', 'of its client elsewhere', anna, 'shop-2', 'expired'],
  ['own', 'at its point of sale', oleg, 'shop-1', 'active'],
  ['own', 'of its client elsewhere', anna, 'shop-2', 'active'],
] as const)(
  'where an operation ends the holds of its %s, a sale %s',
  (holdRelease, _where, who, locationId, end) => {
    it(`makes it doubtful, and some seconds later it is ${end}`, async () => {
      await start({ holdRelease });
      const hold = await scene.held(shop, anna, { points: '300' });
      expect((await scene.buy(shop, who, { locationId })).status).toBe(201);
      expect(await scene.read(hold.id)).toMatchObject({ state: 'doubtful' });
      await later();
      const told = ['hold.created', 'hold.doubtful', `hold.${end}`];
      expect(await scene.told(hold.id)).toEqual(told);
      const release = end === 'expired' && { release: { reason: 'dropped by the provider', verified: true } };
      expect(await scene.read(hold.id)).toMatchObject({ state: end, ...release });
    });
  },
);

it.each([
  ['point', 'at its point of sale', 'the same key', oleg, 'shop-1', 'expired'],
  ['point', 'at its point of sale', 'the same address', oleg, 'shop-1', 'expired'],
  ['client', 'of its client elsewhere', 'the same key', anna, 'shop-2', 'expired'],
  ['own', 'of its client elsewhere', 'the same key', anna, 'shop-2', 'active'],
] as const)(
  'where an operation ends the holds of its %s, a sale %s over another connection with %s makes it doubtful too',
  async (holdRelease, _where, by, who, locationId, end) => {
    await start({ holdRelease });
    const web = await scene.beside(shop, by);
    const hold = await scene.held(shop, anna, { points: '300' });
    expect((await scene.buy(web, who, { locationId })).status).toBe(201);
    expect(await scene.told(hold.id)).toEqual(['hold.created', 'hold.doubtful']);
    await later();
    expect(await scene.read(hold.id)).toMatchObject({ state: end });
  },
);

it('says of a dropped hold when it ended, not when it would have', async () => {
  const { id, expiresAt } = await scene.held(shop, anna, { points: '300' });
  await scene.buy(shop, oleg, { locationId: 'shop-1' });
  await later();
  const { release } = await scene.read(id);
  expect(release!.at < expiresAt).toBe(true);
  const detail = `The hold ${id} ended at ${release!.at}: dropped by the provider.`;
  await expect(scene.buy(shop, anna, { holdIds: [id] })).rejects.toMatchObject({
    code: 'hold-expired',
    members: { detail },
  });
});

it('leaves the hold of another client at another point of sale alone', async () => {
  const hold = await scene.held(shop, anna, { points: '300' });
  expect((await scene.buy(shop, oleg, { locationId: 'shop-2' })).status).toBe(201);
  expect(await scene.told(hold.id)).toEqual(['hold.created']);
});

describe.each(['bare', 'errors', 'error', 'success-false'] as const)('in the envelope %s', envelope => {
  it.each(['decimal', 'whole'] as const)(
    'held points are not available to other sales, with %s amounts',
    async fractions => {
      await start({ envelope, fractions, refusalStatus: envelope === 'error' ? 200 : 422 });
      const hold = await scene.held(shop, maria, { points: '1250' });
      expect(await scene.hold(shop, maria, { points: '2' })).toMatchObject({
        status: 422,
        body: { code: 'insufficient-points' },
      });
      expect((await scene.buy(shop, oleg, {})).status).toBe(201);
      await later();
      expect(await scene.read(hold.id)).toMatchObject({ state: 'expired' });
      expect((await scene.hold(shop, maria, { points: '1250' })).status).toBe(201);
    },
  );
});

describe('a hold whose answer is lost', () => {
  it.each(['commit-then-reset', 'reset-before-reading'])(
    'is doubtful until its maximum duration is over: %s',
    async fault => {
      await scene.world.control('faults', { provider: 'loyalclient', pathPattern: 'hold', fault, count: 1 });
      const sentAfter = scene.now().getTime();
      const answer = await scene.write(
        holdKind,
        shop,
        { ...anna, points: '300', durationSeconds: 90 },
        {},
        500,
      );
      const settledBefore = scene.now().getTime();
      expect(answer.status).toBe(202);
      const { id } = (answer.body as { resource: { id: string } }).resource;
      await expect.poll(() => scene.told(id)).toEqual(['hold.doubtful']);
      const hold: Hold = await scene.read(id);
      expect(hold).toMatchObject({ state: 'doubtful', providerRefs: {} });
      const ends = Date.parse(hold.expiresAt);
      // The provider rounds 90 seconds up to two minutes.
      expect(ends).toBeGreaterThanOrEqual(sentAfter + 120_000);
      expect(ends).toBeLessThanOrEqual(settledBefore + 122_000);
      await expect(scene.release(shop, id)).rejects.toMatchObject({ code: 'state-conflict' });
      await scene.pass(123);
      expect(await scene.read(id)).toMatchObject({ state: 'expired' });
    },
  );

  describe.each(['commit-then-reset', 'reset-before-reading'])('by %s: its operation', fault => {
    const operation = (id: string): Promise<Operation> =>
      operationOf(scene.core, scene.core.database.direct, scene.world.tenantId, id);
    const person = () => ({ tenantId: scene.world.tenantId, actor: 'key_1', actorName: 'the chief' });
    const decided = (id: string, outcome: 'executed' | 'not-executed') =>
      resolveOperation(scene.core, person(), id, { outcome, note: 'seen in the cabinet' });

    async function lost(): Promise<{ id: string; holdId: string; ends: number }> {
      await scene.world.control('faults', { provider: 'loyalclient', pathPattern: 'hold', fault, count: 1 });
      const { operationId, body } = await scene.hold(shop, anna, { points: '300', durationSeconds: 90 }, 500);
      const holdId = (body as { resource: { id: string } }).resource.id;
      await expect.poll(() => scene.told(holdId)).toEqual(['hold.doubtful']);
      // The probe schedule uses Postgres's clock, which these tests cannot move.
      await scene.core.database.direct.query(
        'update operations set first_sent_at = $2, last_sent_at = $2 where id = $1',
        [operationId, scene.now()],
      );
      return { id: operationId!, holdId, ends: Date.parse((await scene.read(holdId)).expiresAt) };
    }

    it('is unknown while points may be held, then in review', async () => {
      const { id, holdId, ends } = await lost();
      await scene.pass(61);
      // A clock that never returns the same millisecond twice.
      let ms = 0;
      const restless = { ...scene.core, now: () => new Date(scene.now().getTime() + ms++) };
      for (let look = 0; look < 4; look++) await reconcile(restless, id);
      // The schedule's next step is after the expiry.
      expect(await operation(id)).toMatchObject({
        state: 'unknown',
        outcome: 'unknown',
        reconcile: { strategy: 'hold-expires', tries: 4, nextAt: new Date(ends).toISOString() },
      });
      await scene.pass((ends - scene.now().getTime()) / 1_000);
      await reconcile(scene.core, id);
      // Neither "rejected" nor "succeeded": whether it was made is unknown, and it holds nothing any more.
      const over = await operation(id);
      expect(over).toMatchObject({ state: 'needs-review', outcome: 'unknown', evidence: 'none' });
      expect(over.reconcile).not.toHaveProperty('nextAt');
      expect((await scene.told(id)).at(-1)).toBe('operation.needs-review');
      const notes: { note: string }[] = await scene.core.database.direct.query(
        `select detail->>'note' as note from operation_events where operation_id = $1 and detail ? 'probe' order by id`,
        [id],
      );
      expect(notes.at(-1)!.note).toMatch(/^Its time is up/);
      expect(await scene.read(holdId)).toMatchObject({ state: 'expired' });
      const { holds } = (await scene.world.control('state?provider=loyalclient')).loyalclient;
      expect(holds.filter((hold: { until: number }) => hold.until * 1_000 > scene.now().getTime())).toEqual(
        [],
      );

      await decided(id, 'executed');
      expect(await operation(id)).toMatchObject({ state: 'succeeded', evidence: 'none' });
      expect(await scene.read(holdId)).toMatchObject({ state: 'expired' });
      expect((await scene.hold(shop, anna, { points: '878' })).status).toBe(201);
    });

    it('does not block purchases, before its expiry and after', async () => {
      const { id, ends } = await lost();
      expect((await scene.buy(shop, anna, { total: '1000.00', redeem: '100' })).status).toBe(201);
      await scene.pass((ends - scene.now().getTime()) / 1_000);
      await reconcile(scene.core, id);
      expect((await scene.buy(shop, anna, { total: '1000.00', redeem: '100' })).status).toBe(201);
    });

    it('is settled at once by a person who says that nothing was held', async () => {
      const { id, holdId } = await lost();
      await decided(id, 'not-executed');
      expect(await operation(id)).toMatchObject({ state: 'rejected', outcome: 'not-executed' });
      expect(await scene.read(holdId)).toMatchObject({
        state: 'released',
        release: { reason: 'never made' },
      });
      expect(await scene.told(holdId)).toEqual(['hold.doubtful', 'hold.released']);
    });
  });

  it('is not consumed by a purchase that could not name it', async () => {
    await scene.world.control('faults', {
      provider: 'loyalclient',
      pathPattern: 'hold',
      fault: 'commit-then-reset',
      count: 1,
    });
    const answer = await scene.hold(shop, anna, { points: '300' }, 500);
    const { id } = (answer.body as { resource: { id: string } }).resource;
    await expect.poll(() => scene.told(id)).toEqual(['hold.doubtful']);
    const sale = { holdIds: [id], locationId: 'shop-3' };
    expect((await scene.buy(shop, anna, sale)).status).toBe(201);
    expect(await scene.read(id)).toMatchObject({ state: 'doubtful' });
    // Nor does it belong to that sale, which is over.
    expect((await scene.buy(shop, anna, sale)).status).toBe(201);
  });
});

describe('the end of a hold', () => {
  it.each([
    ['the same clock', 0, 30],
    ['a clock ten minutes ahead', 600_000, 30],
    ['a clock ten minutes behind', -600_000, 30],
    ['a shorter hold than was asked', 0, 5],
    ['a shorter hold, ten minutes behind', -600_000, 5],
  ])('is the provider’s, with %s', async (_name, skewMs, maxHoldMinutes) => {
    await start({ maxHoldMinutes });
    await scene.pass(0, skewMs);
    const asked = scene.now().getTime();
    const hold = await scene.held(shop, anna, { points: '878' });
    const minutes = Math.min(10, maxHoldMinutes);
    const ends = Date.parse(hold.expiresAt);
    const { holds } = (await scene.world.control('state?provider=loyalclient')).loyalclient;
    const until = holds[0].until * 1_000 - skewMs;
    expect(ends).toBeLessThanOrEqual(until);
    expect(ends).toBeGreaterThan(asked + (minutes - 1) * 60_000);
  });
});
