import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currentHold, holdKind, purchaseKind, startWorkers } from '#outbound';
import type { OpenConnection, Workers } from '#outbound';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const anna = { identifier: { type: 'phone', value: '+79031234567' } };
const sale = {
  identifier: { type: 'code', value: '700700' },
  merchantReference: 'order-1',
  receipt: { total: { amount: '100.00', currency: 'RUB' } },
};

describe.each(['redis', 'postgres'] as const)('doubtful holds, queues on %s', store => {
  let world: World;
  let workers: Workers;
  let shop: OpenConnection;

  beforeAll(async () => {
    world = await startWorld({ store });
    workers = startWorkers(world.core, world.queues);
    shop = await world.connect('loyalclient');
  });
  afterAll(async () => {
    await workers.close();
    await world.close();
  });

  it('are reconciled by the workers', async () => {
    const { body } = await world.write(holdKind, shop, { body: { ...anna, points: '300' } });
    const { id } = body as { id: string };
    const { holds } = world.core.stores;
    const state = async () =>
      (await currentHold(world.core, (await holds.byId(world.core.database.direct, id))!)).state;
    expect(await state()).toBe('active');
    expect((await world.write(purchaseKind, shop, { body: sale })).status).toBe(201);
    await expect.poll(state).toBe('expired');
    const calls = (await world.journal('loyalclient')).filter(({ path }) => path.endsWith('/recalc'));
    expect(calls).toHaveLength(3);
  });
});
