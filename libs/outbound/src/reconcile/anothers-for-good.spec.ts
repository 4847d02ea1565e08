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

const direct = () => world.core.database.direct;
const sale = (merchantReference: string) => ({
  identifier: { type: 'code', value: '123456' },
  merchantReference,
  receipt: { total: { amount: '10.00', currency: 'RUB' } },
});
const stateOf = async (id: string) => (await world.core.stores.operations.byId(direct(), id))!.state;

it('a lost sale of which only another one’s effect shows is looked up for a minute, and then goes to a person', async () => {
  const shop = await world.connect('uds');
  const other = await world.write(purchaseKind, shop, { body: sale('other') });
  await world.control('faults', { provider: 'uds', method: 'POST', fault: 'commit-then-reset', count: 1 });
  const { operationId: id } = await world.attempt(purchaseKind, shop, { body: sale('lost') });
  const { id: number } = (await world.effects('uds')).at(-1)!;
  const owner = (other.body as { id: string }).id;
  // Without its time: on a slow machine the two sales are not of one second, and the number would count as given twice.
  await direct().query(
    `update purchases set provider_operation_id = $2, result = result - 'providerTime' where id = $1`,
    [owner, number],
  );

  await reconcile(world.core, id!);
  expect(await stateOf(id!)).toBe('unknown');
  await direct().query(
    `update operations set last_sent_at = last_sent_at - interval '61 s', first_sent_at = first_sent_at - interval '61 s' where id = $1`,
    [id],
  );
  await reconcile(world.core, id!);
  expect(await stateOf(id!)).toBe('needs-review');
});
