import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { execute, reconcile, resolveOperation } from '#outbound';
import type { OpenConnection } from '#outbound';
import { Scene, anna } from './holds-scene.js';
import type { Who } from './holds-scene.js';

// No worker runs here: reconciliation is called by hand.
let scene: Scene;

beforeAll(async () => {
  scene = await Scene.open();
});
afterAll(() => scene.close());

const LIFE_SECONDS = 600;
const boris: Who = { identifier: { type: 'code', value: '000123' } };

/** A hold, a sale with it whose answer is lost, and then the end of the hold's time, which nobody has noticed yet. */
async function outlived(shop: OpenConnection, who: Who, writes: string) {
  const { id } = await scene.held(shop, who, { points: '10', durationSeconds: LIFE_SECONDS });
  const fault = { fault: 'commit-then-reset', method: 'POST', pathPattern: writes, count: 1 };
  await scene.world.control('faults', { provider: shop.provider, ...fault });
  const sale = await scene.attempt(shop, who, { redeem: '10', holdIds: [id] });
  await expect.poll(async () => (await scene.read(id)).state).toBe('doubtful');
  await scene.pass(LIFE_SECONDS + 1);
  // Postgres's clock, which dated the sending, is not moved by the test.
  await scene.core.database.direct.query(
    `update operations set first_sent_at = first_sent_at - make_interval(secs => $2) where id = $1`,
    [sale.operationId, LIFE_SECONDS + 1],
  );
  return { holdId: id, operationId: sale.operationId! };
}

/** As `outlived`, and the hold has expired. */
async function overtaken(shop: OpenConnection, who: Who, writes: string) {
  const both = await outlived(shop, who, writes);
  expect(await scene.read(both.holdId)).toMatchObject({ state: 'expired' });
  return both;
}

const decided = (id: string, outcome: 'executed' | 'not-executed') => {
  const person = { tenantId: scene.world.tenantId, actor: 'key_1', actorName: 'the chief' };
  return resolveOperation(scene.core, person, id, { outcome, note: 'Seen in the cabinet.' });
};

describe('a hold that expires while a sale with it is in progress', () => {
  let shop: OpenConnection;

  beforeEach(async () => {
    await scene.world.control('reset', { provider: 'loyalclient', options: {} });
    shop = await scene.world.connect('loyalclient');
  });

  it('is consumed if the sale was executed', async () => {
    const { holdId, operationId } = await overtaken(shop, anna, 'retail');
    await decided(operationId, 'executed');
    expect(await scene.read(holdId)).toMatchObject({ state: 'consumed' });
    expect(await scene.told(holdId)).toEqual([
      'hold.created',
      'hold.doubtful',
      'hold.expired',
      'hold.consumed',
    ]);
  });

  it('is expired if the sale was not executed', async () => {
    const { holdId, operationId } = await overtaken(shop, anna, 'retail');
    await decided(operationId, 'not-executed');
    expect(await scene.read(holdId)).toMatchObject({ state: 'expired' });
    expect((await scene.told(holdId)).at(-1)).toBe('hold.expired');
  });

  it('is not told to be active again if it becomes known only then that the sale was not executed', async () => {
    const { holdId, operationId } = await outlived(shop, anna, 'retail');
    await decided(operationId, 'not-executed');
    expect(await scene.read(holdId)).toMatchObject({ state: 'expired' });
    expect(await scene.told(holdId)).toEqual(['hold.created', 'hold.doubtful', 'hold.expired']);
  });

  it('is expired if the sale was sent only after that', async () => {
    const { id } = await scene.held(shop, anna, { points: '10', durationSeconds: LIFE_SECONDS });
    const sale = await scene.buy(shop, anna, { redeem: '10', holdIds: [id], waitMs: 0 });
    await scene.pass(LIFE_SECONDS + 1);
    expect(await scene.read(id)).toMatchObject({ state: 'expired' });
    await execute(scene.core, sale.operationId!, { laneBudgetMs: 5_000 });
    const row = await scene.core.stores.operations.byId(scene.core.database.direct, sale.operationId!);
    expect(row).toMatchObject({ state: 'succeeded' });
    expect(await scene.read(id)).toMatchObject({ state: 'expired' });
    expect(await scene.told(id)).toEqual(['hold.created', 'hold.expired']);
  });
});

it('a hold kept by the gateway is consumed once the provider shows the sale', async () => {
  await scene.world.control('reset', { provider: 'uds' });
  const shop = await scene.world.connect('uds', { advisoryHolds: true });
  const { holdId, operationId } = await overtaken(shop, boris, 'operations');
  await reconcile(scene.core, operationId);
  expect(await scene.read(holdId)).toMatchObject({ state: 'consumed' });
  expect((await scene.told(holdId)).at(-1)).toBe('hold.consumed');
});
