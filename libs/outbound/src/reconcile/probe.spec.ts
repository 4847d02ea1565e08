import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import { purchaseKind } from '../kinds/purchase.kind.js';
import { reconcile } from './reconcile.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
});
afterAll(() => world.close());

it('a look counts where the stored steps do not open, so that a person gets the operation in the end', async () => {
  const uds = await world.connect('uds');
  await world.control('faults', { provider: 'uds', method: 'POST', fault: 'commit-then-reset', count: 1 });
  const body = {
    identifier: { type: 'code', value: '123456' },
    merchantReference: 'altered',
    receipt: { total: { amount: '100.00', currency: 'RUB' } },
  };
  const id = (await world.attempt(purchaseKind, uds, { body })).operationId!;
  const { direct } = world.core.database;
  await direct.query(`update operations set steps = '\\x00' where id = $1`, [id]);
  await reconcile(world.core, id);
  expect(await world.core.stores.operations.byId(direct, id)).toMatchObject({
    state: 'unknown',
    leaseUntil: null,
    reconcile: { tries: 1 },
  });
});
