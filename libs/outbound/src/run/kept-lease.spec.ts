import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import type { OpenConnection } from '../connections/connection.js';
import { OwnersGrace } from '../jobs/owners-grace.js';
import { sweep } from '../jobs/sweep.js';
import { purchaseKind } from '../kinds/purchase.kind.js';
import { reconcile } from '../reconcile/reconcile.js';
import { execute } from './execute.js';

let world: World;
let shop: OpenConnection;
const direct = () => world.core.database.direct;

beforeAll(async () => {
  world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
});
beforeEach(async () => {
  shop = await world.connect('uds');
});
afterAll(() => world.close());

const body = {
  identifier: { type: 'code', value: '123456' },
  merchantReference: 'slow',
  receipt: { total: { amount: '10.00', currency: 'RUB' } },
};

/** A promise and what resolves it. */
function gate() {
  let open!: () => void;
  const opened = new Promise<void>(resolve => (open = resolve));
  return { opened, open };
}

/** The next requests to UDS's ledger leave after `end` was called; `arrived` = the first is about to. */
function holdCalls() {
  const { send } = world.core;
  const [released, arrived] = [gate(), gate()];
  world.core.send = {
    ...send,
    send: async outgoing => {
      if (!/operations(\?|$)/.test(outgoing.url)) return send.send(outgoing);
      arrived.open();
      await released.opened;
      return send.send(outgoing);
    },
  };
  const end = () => {
    world.core.send = send;
    released.open();
  };
  return { arrived: arrived.opened, end };
}

/** What is renewed two seconds from now. */
async function renewed() {
  const { stores, leases } = world.core;
  const renewing = vi.spyOn(stores.leases, 'renewAll');
  const later = performance.now() + 2_000;
  const clock = vi.spyOn(performance, 'now').mockReturnValue(later);
  const done = leases.renewDue();
  clock.mockRestore();
  await done;
  const ids = renewing.mock.calls.flatMap(([, claims]) => claims.map(({ id }) => id));
  renewing.mockRestore();
  return ids;
}

it('a row is kept while its request is on its way, and no longer', async () => {
  const { operationId: id } = await world.write(purchaseKind, shop, { body, waitMs: 0 });
  const { arrived, end } = holdCalls();
  const executed = execute(world.core, id!, { laneBudgetMs: 20_000 });
  await arrived;
  expect(await renewed()).toEqual([id]);
  end();
  await executed;
  expect(await renewed()).toEqual([]);
});

it('a row that is claimed as it is accepted is kept from then on', async () => {
  await world.done(purchaseKind, shop, { body: { ...body, merchantReference: 'first' } });
  const { lanes, stores } = world.core;
  const slot = await lanes.enter(shop.lane, 'interactive', 20_000);
  const enter = vi.spyOn(lanes, 'enter').mockResolvedValueOnce(Object.assign(slot, { dueAt: Infinity }));
  const claim = vi.spyOn(stores.operations, 'claim');
  const { arrived, end } = holdCalls();
  const sold = world.write(purchaseKind, shop, { body });
  await arrived;
  const kept = await renewed();
  end();
  expect(kept).toEqual([(await sold).operationId]);
  expect(claim).not.toHaveBeenCalled();
  for (const spy of [enter, claim]) spy.mockRestore();
});

it('a row is kept while its lost answer is looked up, and no longer', async () => {
  const { operationId: id } = await world.write(purchaseKind, shop, { body, waitMs: 0 });
  await direct().query(
    `update operations set state = 'dispatching', outcome = 'unknown', write_sent = true, fence = 1, first_sent_at = now(),
       last_sent_at = now(), lease_until = now() - interval '1 s', wake_at = now() - interval '1 s' where id = $1`,
    [id],
  );
  const grace = new OwnersGrace();
  await expect(grace.during(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
  await sweep(world.core, grace);
  const stateOf = async () => (await world.core.stores.operations.byId(direct(), id!))!.state;
  expect(await stateOf()).toBe('dispatching');
  // Longer than any work goes on.
  await direct().query(`update operations set lease_until = now() - interval '21 s' where id = $1`, [id]);
  await sweep(world.core, grace);
  expect(await stateOf()).toBe('unknown');
  const { arrived, end } = holdCalls();
  const looked = reconcile(world.core, id!);
  await arrived;
  expect(await renewed()).toEqual([id]);
  end();
  await looked;
  expect(await renewed()).toEqual([]);
});

it('a process takes no row from itself, however late it is, and renews it', async () => {
  const { operationId: id } = await world.write(purchaseKind, shop, { body, waitMs: 0 });
  const { arrived, end } = holdCalls();
  const executed = execute(world.core, id!, { laneBudgetMs: 20_000 });
  await arrived;
  await direct().query(
    `update operations set lease_until = now() - interval '1 s', wake_at = now() - interval '1 s' where id = $1`,
    [id],
  );
  await sweep(world.core);
  await renewed();
  const { state, leaseUntil } = (await world.core.stores.operations.byId(direct(), id!))!;
  expect(state).toBe('dispatching');
  expect(leaseUntil!.getTime()).toBeGreaterThan(world.core.now().getTime());
  end();
  await executed;
  expect((await world.core.stores.operations.byId(direct(), id!))!.state).toBe('succeeded');
});
