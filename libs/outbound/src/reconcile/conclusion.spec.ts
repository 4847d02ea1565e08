import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import { purchaseKind } from '../kinds/purchase.kind.js';
import { reconcile } from './reconcile.js';

describe('an outcome that was found and cannot be stored', () => {
  let world: World;
  const stored = async (id: string) =>
    (await world.core.stores.operations.byId(world.core.database.direct, id))!;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => world.close());

  it('counts as a probe, so that a person gets the operation in the end', async () => {
    const uds = await world.connect('uds');
    await world.control('faults', { provider: 'uds', method: 'POST', fault: 'commit-then-reset', count: 1 });
    const body = {
      identifier: { type: 'code', value: '123456' },
      merchantReference: 'unstorable',
      receipt: { total: { amount: '100.00', currency: 'RUB' } },
    };
    const id = (await world.attempt(purchaseKind, uds, { body })).operationId!;
    expect((await stored(id)).state).toBe('unknown');
    const { purchases } = world.core.stores;
    for (const step of ['complete', 'completeOrRefuse'] as const)
      vi.spyOn(purchases, step).mockRejectedValue(new Error('numeric field overflow'));
    await reconcile(world.core, id).catch(() => undefined);
    const put = await stored(id);
    expect(put).toMatchObject({ state: 'unknown', leaseUntil: null, reconcile: { tries: 1 } });
    expect(put.wakeAt!.getTime()).toBeGreaterThan(world.core.now().getTime());
    vi.restoreAllMocks();
    await reconcile(world.core, id);
    expect(await stored(id)).toMatchObject({ state: 'succeeded', outcome: 'executed' });
  });
});
