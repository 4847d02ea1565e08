import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import type { OpenConnection } from '../connections/connection.js';
import { accept } from '../intake/accept.js';
import { purchaseKind } from '../kinds/purchase.kind.js';
import { execute } from '../run/execute.js';
import { reconcile } from './reconcile.js';

describe('a lost sale that was sent without its nonce', () => {
  let world: World;
  const stored = async (id: string) =>
    (await world.core.stores.operations.byId(world.core.database.direct, id))!;
  const may = (undocumentedCalls: boolean, { id }: OpenConnection) =>
    world.core.stores.connections.update(world.core.database.direct, id, { settings: { undocumentedCalls } });

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
    // Nothing but a repeat could tell.
    await world.control('faults', {
      provider: 'uds',
      pathPattern: '^/operations$',
      method: 'GET',
      fault: '500-without-commit',
    });
  });
  afterAll(() => world.close());
  /** A sale, accepted and not sent yet. */
  async function accepted(connection: OpenConnection, merchantReference: string): Promise<string> {
    const body = {
      identifier: { type: 'phone', value: '+79990000001' },
      merchantReference,
      receipt: { total: { amount: '100.00', currency: 'RUB' } },
    };
    const asked = {
      kind: purchaseKind,
      connection,
      body,
      params: {},
      idempotencyKey: randomUUID(),
      waitMs: 0,
    };
    const taken = await accept(world.core, asked);
    if (taken.outcome !== 'new') throw new Error(taken.outcome);
    return taken.operation.id;
  }

  it.each([
    ['before', false],
    ['after', true],
  ])('is not repeated with one where the setting was switched off %s it was accepted', async (when, at) => {
    const shop = await world.connect('uds', { undocumentedCalls: at });
    const id = await accepted(shop, when);
    await may(false, shop);
    await world.control('faults', { provider: 'uds', method: 'POST', fault: 'commit-then-reset', count: 1 });
    await execute(world.core, id, { laneBudgetMs: 5_000 });
    expect(await stored(id)).toMatchObject({ state: 'unknown' });
    await may(true, shop);
    await reconcile(world.core, id);
    expect(await stored(id)).toMatchObject({ state: 'unknown', reconcile: { tries: 1 } });
    expect((await world.effects('uds')).filter(({ key }) => key === when)).toHaveLength(1);
  });
});
