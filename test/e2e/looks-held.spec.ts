import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { purchaseKind, read, reconcile, sweep } from '#outbound';
import type { OpenConnection } from '#outbound';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

// Reconciliation of a lost answer while the provider answers nobody. No worker runs here.
let world: World;
let uds: OpenConnection;
beforeAll(async () => {
  world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
});
// A lane of its own: a circuit stays open for seconds.
beforeEach(async () => {
  uds = await world.connect('uds');
});
afterAll(() => world.close());

const stand = async (id: string) =>
  (await world.core.stores.operations.byId(world.core.database.direct, id))!;

async function loseSale(): Promise<string> {
  await world.control('faults', { provider: 'uds', method: 'POST', fault: 'commit-then-reset', count: 1 });
  const body = {
    identifier: { type: 'code', value: '123456' },
    merchantReference: randomUUID(),
    receipt: { total: { amount: '100.00', currency: 'RUB' } },
  };
  const { operationId } = await world.attempt(purchaseKind, uds, { body });
  expect((await stand(operationId!)).state).toBe('unknown');
  return operationId!;
}

const silence = () => {
  const breaker = world.core.breakers.of(uds.lane.fingerprint);
  for (let call = 0; call < 3; call++) breaker.note({ kind: 'unanswered', reason: 'silence' });
  // Another caller has the circuit's one trial call.
  breaker.beginLookMs();
};

it('is postponed without counting as a probe, and reconciled once the provider answers', async () => {
  const id = await loseSale();
  silence();
  await reconcile(world.core, id, { patient: true });
  const held = await stand(id);
  expect(held).toMatchObject({ state: 'unknown', leaseUntil: null, reconcile: { tries: 0, held: true } });
  expect(held.wakeAt!.getTime()).toBeGreaterThan(Date.now());

  await read(
    world.core,
    uds,
    'lookupCustomer',
    { identifier: { type: 'code', value: '123456' }, holds: [] },
    {
      waitMs: 25_000,
    },
  );
  await expect.poll(async () => (await stand(id)).wakeAt!.getTime() <= Date.now()).toBe(true);
  await reconcile(world.core, id, { patient: true });
  const ended = await stand(id);
  expect(ended).toMatchObject({ state: 'succeeded', reconcile: { tries: 1 } });
  expect(ended.reconcile).not.toHaveProperty('held');
});

it('is postponed together with all others of its lane, of which one may try the provider', async () => {
  const ids = [await loseSale(), await loseSale(), await loseSale()];
  const { direct } = world.core.database;
  const job = vi.spyOn(world.core.jobs, 'operation').mockResolvedValue();
  const swept = async () => {
    await direct.query(`update operations set wake_at = now() - interval '1 s' where id = any($1)`, [ids]);
    job.mockClear();
    await sweep(world.core);
    return job.mock.calls.map(([, id]) => id);
  };
  silence();
  expect(await swept()).toEqual([]);
  for (const id of ids) {
    expect(await stand(id)).toMatchObject({ state: 'unknown', reconcile: { tries: 0, held: true } });
    expect((await stand(id)).wakeAt!.getTime()).toBeGreaterThan(Date.now());
  }
  const breaker = world.core.breakers.of(uds.lane.fingerprint);
  const isDue = vi.spyOn(breaker, 'lookDueMs').mockReturnValue(0);
  expect(await swept()).toHaveLength(1);
  isDue.mockRestore();
  breaker.note({ kind: 'done', result: {}, status: 200 } as never);
  expect(await swept()).toHaveLength(3);
  job.mockRestore();
});

it('is put off, without a claim, while as many others of its lane are looked up as the lane can take', async () => {
  const id = await loseSale();
  const looks = Array.from({ length: 10 }, () => world.core.laneWatch.look(uds.lane.fingerprint)!);
  await reconcile(world.core, id, { patient: true });
  const waiting = await stand(id);
  expect(waiting).toMatchObject({ state: 'unknown', leaseUntil: null, reconcile: { tries: 0 } });
  expect(waiting.wakeAt!.getTime()).toBeGreaterThan(Date.now());
  looks[0]!();
  await reconcile(world.core, id, { patient: true });
  expect(await stand(id)).toMatchObject({ state: 'succeeded' });
  for (const end of looks.slice(1)) end();
});

it('is reconciled anyway while a person waits', async () => {
  const id = await loseSale();
  silence();
  await reconcile(world.core, id);
  expect(await stand(id)).toMatchObject({ state: 'succeeded' });
});
