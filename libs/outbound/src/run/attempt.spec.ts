import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import type { OpenConnection } from '../connections/connection.js';
import { adjustmentKind } from '../kinds/adjustment.kind.js';
import { execute } from './execute.js';

describe('a write behind an open one of its customer, which it may not run beside', () => {
  let world: World;
  let shop: OpenConnection;
  let params: { customerId: string };
  const direct = () => world.core.database.direct;
  const adjust = (currency: string, waitMs: number) =>
    world.write(adjustmentKind, shop, { body: { delta: { amount: '5.00', currency } }, params, waitMs });
  const stored = async (id: string) => (await world.core.stores.operations.byId(direct(), id))!;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres', sandbox: { only: ['recreativ'] } });
    shop = await world.connect('recreativ');
    const owner = { tenantId: world.tenantId, connectionId: shop.id };
    params = { customerId: await world.core.stores.customers.upsert(direct(), owner, { userId: '1' }) };
    const { operationId } = await adjust('RUB', 0);
    await direct().query(`update operations set state = 'unknown', write_sent = true where id = $1`, [
      operationId,
    ]);
  });
  afterAll(() => world.close());

  it('is refused at once where that takes no call', async () => {
    const answer = await adjust('USD', 3_000);
    expect(answer).toMatchObject({ status: 422, body: { code: 'validation-failed' } });
    expect(await stored(answer.operationId!)).toMatchObject({ state: 'cancelled', outcome: 'not-executed' });
  });

  it('waits, and is not tried again and again, where it may have been sent before', async () => {
    const { operationId: id } = await adjust('USD', 0);
    await direct().query(
      `update operations set write_sent = true, outcome = 'unknown', first_sent_at = now(), last_sent_at = now() where id = $1`,
      [id],
    );
    await execute(world.core, id!, { laneBudgetMs: 1_000 });
    const { state, wakeAt } = await stored(id!);
    expect(state).toBe('queued');
    expect(wakeAt!.getTime()).toBeGreaterThan(world.core.now().getTime());
  });
});
