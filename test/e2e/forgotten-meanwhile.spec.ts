import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { forgetCustomer } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { StoredCustomer, Tx } from '#persistence';
import { Scene, anna } from './holds-scene.js';

let scene: Scene;
let shop: OpenConnection;
let client: StoredCustomer;

beforeAll(async () => {
  scene = await Scene.open();
});
afterAll(() => scene.close());
beforeEach(async () => {
  await scene.world.control('reset', { provider: 'loyalclient' });
  shop = await scene.world.connect('loyalclient');
  expect((await scene.buy(shop, anna)).status).toBe(201);
  const { direct } = scene.core.database;
  const [row] = await direct.query('select id from customers where connection_id = $1', [shop.id]);
  client = (await scene.core.stores.customers.find(direct, shop.tenantId, row.id))!;
});

const forget = () => {
  const { id, tenantId } = client;
  const line = { tenantId, actor: 'key_1', action: 'customer.forgotten', subject: id, detail: {} };
  return forgetCustomer(scene.core, client, line);
};
const blocked = () =>
  scene.core.database.direct.query(
    `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
const sent = async () =>
  (await scene.world.journal('loyalclient')).filter(({ path }) => path.endsWith('/retail')).length;

/** Runs `meanwhile` before the next call of a store's method, with its transaction. */
function before<Store extends object>(
  store: Store,
  method: keyof Store,
  meanwhile: (tx: Tx) => Promise<unknown>,
) {
  const own = store[method] as (...asked: unknown[]) => Promise<unknown>;
  const once = async (...asked: unknown[]) => {
    delete store[method];
    await meanwhile(asked[0] as Tx);
    return own.apply(store, asked);
  };
  Object.assign(store, { [method]: once });
}

describe('a person who is forgotten at the moment of their sale', () => {
  it('is either known to the sale, or gone: the sale waits, and is refused', async () => {
    const { customers } = scene.core.stores;
    const { id } = client;
    let sale: Promise<unknown> | undefined;
    // Between what was found open and the deletion.
    before(customers, 'erase', async () => {
      sale = scene.buy(shop, { customerId: id }).catch(error => error);
      await expect.poll(blocked).toHaveLength(1);
    });
    await forget();
    expect(await sale).toMatchObject({ code: 'not-found' });
    expect(await sent()).toBe(1);
  });

  it('is not erased beside a sale that is just being accepted', async () => {
    const { database, stores } = scene.core;
    let forgotten: Promise<unknown> | undefined;
    before(stores.purchases, 'insertAtCommit', async tx => {
      // Answered after what keeps the person: only then may the erasure come.
      await tx.query('select 1');
      forgotten = forget().catch(error => error);
      await expect.poll(blocked).toHaveLength(1);
    });
    await scene.world.control('faults', {
      provider: 'loyalclient',
      pathPattern: 'retail',
      fault: 'black-hole',
      count: 1,
    });
    const { operationId } = await scene.buy(shop, { customerId: client.id }, { waitMs: 1 });
    expect(await forgotten).toMatchObject({ code: 'state-conflict', members: { operationId } });
    expect((await stores.customers.find(database.direct, shop.tenantId, client.id))!.refs).not.toEqual({});
    // It is on its way by now: the next test counts its own.
    await expect.poll(sent).toBe(2);
  });

  it('is not sold to under the id that a step had found, but as somebody who is met anew', async () => {
    const { database, stores } = scene.core;
    before(stores.operations, 'markWrite', forget);
    const sale = await scene.buy(shop, anna);
    expect(sale).toMatchObject({ status: 201, body: { customerId: expect.not.stringMatching(client.id) } });
    expect(await sent()).toBe(2);
    expect((await stores.customers.find(database.direct, shop.tenantId, client.id))?.refs ?? {}).toEqual({});
  });
});
