import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import type { OpenConnection } from '../connections/connection.js';
import { answerOf } from '../intake/submit.js';
import { execute } from './execute.js';
import { purchaseKind } from '../kinds/purchase.kind.js';
import { refundKind } from '../kinds/refund.kind.js';

describe('a queued write whose time is over', () => {
  let world: World;
  let shop: OpenConnection;
  beforeAll(async () => {
    world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
    shop = await world.connect('uds');
  });
  afterAll(() => world.close());

  /** Queued, changed, and tried once more; as it stands then. */
  const tried = async (merchantReference: string, change: string) => {
    const { database, stores } = world.core;
    const body = {
      identifier: { type: 'code', value: '123456' },
      merchantReference,
      receipt: { total: { amount: '10.00', currency: 'RUB' } },
    };
    const { operationId } = await world.write(purchaseKind, shop, { body, waitMs: 0 });
    await database.direct.query(
      `update operations set ${change}, expires_at = now() - interval '1 h' where id = $1`,
      [operationId],
    );
    await execute(world.core, operationId!, { laneBudgetMs: 5_000 });
    return stores.operations.byId(database.direct, operationId!);
  };

  it('is withdrawn where nothing was sent', async () => {
    const ended = await tried('in-time', 'write_sent = false');
    expect(ended).toMatchObject({ state: 'expired', outcome: 'not-executed' });
    const again = answerOf(world.core, ended!);
    await expect(again).rejects.toMatchObject({ code: 'state-conflict', members: { withdrawn: true } });
    const params = { purchaseId: ended!.resourceId };
    const refund = world.write(refundKind, shop, { body: { merchantReference: 'refund' }, params });
    await expect(refund).rejects.toMatchObject({
      code: 'state-conflict',
      message: expect.stringMatching(/is expired: nothing was executed/),
    });
  });

  it('is not repeated for ever where it may have been sent: a person looks', async () => {
    const ended = await tried(
      'too-late',
      `write_sent = true, outcome = 'unknown', first_sent_at = now(), last_sent_at = now()`,
    );
    expect(ended).toMatchObject({ state: 'needs-review', outcome: 'unknown', wakeAt: null });
    expect(ended!.reconcile).toMatchObject({ reason: 'its time was over before an answer came' });
    expect(await world.effects('uds')).toEqual([]);
  });
});
