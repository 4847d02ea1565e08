import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import { purchaseKind } from '../kinds/purchase.kind.js';
import { sweep } from './sweep.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
});
afterAll(() => world.close());

const query = (sql: string, parameters?: unknown[]) => world.core.database.direct.query(sql, parameters);

it('while the queue is away, unknown operations without number do not hide one whose process ended', async () => {
  const shop = await world.connect('uds');
  const body = {
    identifier: { type: 'code', value: '123456' },
    merchantReference: 'left',
    receipt: { total: { amount: '10.00', currency: 'RUB' } },
  };
  const { operationId } = await world.write(purchaseKind, shop, { body, waitMs: 0 });
  await query(
    `insert into operations (id, tenant_id, connection_id, kind, lane, lane_class, retry_class, resource_type, resource_id,
       content_hash, nonce, state, outcome, write_sent, wake_at)
     select id || n, tenant_id, connection_id, kind, lane, lane_class, retry_class, resource_type, resource_id || n,
       content_hash, nonce, 'unknown', 'unknown', true, now() - interval '1 h'
     from operations, generate_series(1, 600) n where id = $1`,
    [operationId],
  );
  await query(
    `update operations set state = 'dispatching', outcome = 'unknown', write_sent = true, first_sent_at = now(), last_sent_at = now(),
       lease_until = now() - interval '1 s', wake_at = now() - interval '1 s' where id = $1`,
    [operationId],
  );
  vi.spyOn(world.core.jobs, 'operation').mockRejectedValue(new Error('The queue is away.'));
  await sweep(world.core);
  await sweep(world.core);
  const { operations } = world.core.stores;
  expect(await operations.byId(world.core.database.direct, operationId!)).toMatchObject({ state: 'unknown' });
  await expect.poll(() => operations.due(world.core.database.direct, 1_000)).toHaveLength(600);
});
