import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
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

/** A sale that was accepted and not sent yet. */
async function accepted(merchantReference: string): Promise<string> {
  const shop = await world.connect('uds');
  const body = {
    identifier: { type: 'code', value: '123456' },
    merchantReference,
    receipt: { total: { amount: '10.00', currency: 'RUB' } },
  };
  return (await world.write(purchaseKind, shop, { body, waitMs: 0 })).operationId!;
}

/** As many rows like it that are unknown and due, longer than any other. */
const insertUnknown = (like: string, count: number) =>
  query(
    `insert into operations (id, tenant_id, connection_id, kind, lane, lane_class, retry_class, resource_type, resource_id,
       content_hash, nonce, state, outcome, write_sent, wake_at)
     select id || n, tenant_id, connection_id, kind, lane, lane_class, retry_class, resource_type, resource_id || n,
       content_hash, nonce, 'unknown', 'unknown', true, now() - interval '1 h'
     from operations, generate_series(1, $2::int) n where id = $1`,
    [like, count],
  );

/** Leaves them as a process that died after it had sent them. */
const leaveSent = (...ids: string[]) =>
  query(
    `update operations set state = 'dispatching', outcome = 'unknown', write_sent = true, first_sent_at = now(), last_sent_at = now(),
       lease_until = now() - interval '1 s', wake_at = now() - interval '1 s' where id = any($1)`,
    [ids],
  );

const stateOf = async (id: string) =>
  (await world.core.stores.operations.byId(world.core.database.direct, id))!.state;

it('while the queue is away, unknown operations without number do not hide one whose process ended', async () => {
  const left = await accepted('left');
  await insertUnknown(left, 600);
  await leaveSent(left);
  vi.spyOn(world.core.jobs, 'operation').mockRejectedValue(new Error('The queue is away.'));
  await sweep(world.core);
  await sweep(world.core);
  expect(await stateOf(left)).toBe('unknown');
  const due: unknown[] = await query(
    `select id from operations where state = 'unknown' and wake_at <= now() and id <> $1`,
    [left],
  );
  expect(due).toHaveLength(600);
});

it('while the queue does not answer, every operation whose process ended becomes unknown, and it is asked for all others at once', async () => {
  const left = [await accepted('one'), await accepted('other')];
  await query(`update operations set wake_at = null where state = 'unknown'`);
  await insertUnknown(left[0]!, 3);
  await leaveSent(...left);
  let answer = () => {};
  onTestFinished(() => answer());
  const silent = new Promise<void>(resolve => (answer = resolve));
  const asked = vi.spyOn(world.core.jobs, 'operation').mockReset().mockReturnValue(silent);
  const swept = sweep(world.core);
  await expect.poll(() => Promise.all(left.map(stateOf))).toEqual(['unknown', 'unknown']);
  const turns = () => asked.mock.calls.filter(([, , turn]) => turn.startsWith('sweep-'));
  await expect.poll(turns).toHaveLength(3);
  answer();
  await swept;
});

it('by two workers at once, each unknown operation is looked up once', async () => {
  const like = await accepted('like');
  await query(`update operations set wake_at = null where state = 'unknown'`);
  await insertUnknown(like, 100);
  const asked = vi.spyOn(world.core.jobs, 'operation').mockReset().mockResolvedValue();
  await Promise.all([sweep(world.core), sweep(world.core)]);
  const ids = asked.mock.calls.map(([, id]) => id);
  expect(ids).toHaveLength(100);
  expect(new Set(ids).size).toBe(100);
});
