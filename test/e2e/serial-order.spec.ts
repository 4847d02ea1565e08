import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Customer } from '#canonical';
import {
  adjustmentKind,
  cancelOperation,
  customerKind,
  execute,
  leadKind,
  lookUpCustomer,
  purchaseKind,
  refundKind,
} from '#outbound';
import type { OpenConnection } from '#outbound';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

let world: World;
let recreativ: OpenConnection;
let anna: Customer;

beforeAll(async () => {
  world = await startWorld({
    sandbox: { only: ['recca', 'recreativ', 'uds'], rateLimit: { recreativ: false } },
  });
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.control('reset', { provider: 'recreativ' });
  recreativ = await world.connect('recreativ', { currency: 'RUB' });
  const identifier = { type: 'uid' as const, value: '6001' };
  anna = await lookUpCustomer(world.core, recreativ, { identifier }, { waitMs: 10_000 });
});

const operation = async (id: string) =>
  (await world.core.stores.operations.byId(world.core.database.direct, id))!;
const adjust = async (amount: string, waitMs = 0) => {
  const body = { delta: { amount, currency: 'RUB' } };
  const { operationId } = await world.write(adjustmentKind, recreativ, {
    body,
    params: { customerId: anna.id },
    waitMs,
  });
  return operationId!;
};
const run = (id: string) => execute(world.core, id, { laneBudgetMs: 20_000 });
const changes = async () =>
  (await world.journal('recreativ')).filter(({ method }) => method === 'PUT').map(({ body }) => body);

/** A sale at UDS, and how a part of it is refunded. */
async function sold() {
  const uds = await world.connect('uds');
  const body = {
    identifier: { type: 'phone', value: '+79031234567' },
    merchantReference: 'sale',
    receipt: { total: { amount: '100.00', currency: 'RUB' } },
  };
  const sale = await world.write(purchaseKind, uds, { body });
  const params = { purchaseId: (sale.body as { id: string }).id };
  const amount = { amount: '10.00', currency: 'RUB' };
  const refund = (merchantReference: string, waitMs: number) =>
    world.write(refundKind, uds, { body: { merchantReference, amount }, params, waitMs });
  return { uds, refund };
}

it('changes of one object leave in the order in which they were accepted, and the next one is woken', async () => {
  const [credit, debit, last] = [await adjust('100.00'), await adjust('-70.00'), await adjust('-30.00')];
  await run(last);
  await run(debit);
  expect(await changes()).toEqual([]);
  expect([await operation(debit), await operation(last)]).toMatchObject([
    { state: 'queued', attempts: 0 },
    { state: 'queued', attempts: 0 },
  ]);
  const asleep = new Date(world.core.now().getTime() + 3_600_000);
  await world.core.stores.wakes.at(world.core.database.direct, debit, asleep);

  await run(credit);
  expect((await operation(debit)).wakeAt!.getTime()).toBeLessThan(asleep.getTime());
  await run(last);
  await run(debit);
  await run(last);
  expect(await changes()).toEqual([
    expect.stringContaining('100'),
    expect.stringContaining('-70'),
    expect.stringContaining('-30'),
  ]);
  for (const id of [credit, debit, last]) expect(await operation(id)).toMatchObject({ state: 'succeeded' });
});

it('one for which a caller waits does not overtake an older one of its object', async () => {
  const { refund } = await sold();
  const older = await refund('older', 0);
  const newer = await refund('newer', 300);
  expect(await operation(newer.operationId!)).toMatchObject({ state: 'queued', attempts: 0 });
  expect(await world.effects('uds')).toHaveLength(1);
  await run(older.operationId!);
  await run(newer.operationId!);
  expect(await world.effects('uds')).toHaveLength(3);
});

it('nor does one that would be claimed as it is accepted, while the older one goes back to the queue', async () => {
  const { core } = world;
  const { database, stores, lanes } = core;
  const { uds, refund } = await sold();
  const effects = (await world.effects('uds')).length;
  const older = await operation((await refund('older', 0)).operationId!);
  const taken = await stores.operations.claim(database.direct, older, { owner: 'me', leaseMs: 60_000 });
  if (!('claim' in taken)) throw new Error(taken.blocked);
  // The lane has a start at hand, which stays good on a busy machine.
  const slot = await lanes.enter(uds.lane, 'interactive', 20_000);
  vi.spyOn(lanes, 'enter').mockImplementationOnce(async () => {
    const back = { wakeAt: new Date(), reason: 'throttled', doubtful: false };
    await stores.operations.requeue(database.direct, taken.claim, back);
    return Object.assign(slot, { dueAt: Infinity });
  });
  const newer = await refund('newer', 300);
  expect(await operation(newer.operationId!)).toMatchObject({ state: 'queued', attempts: 0 });
  expect(await world.effects('uds')).toHaveLength(effects);
});

it('of leads that look alike, the second one leaves after the first; another one waits for neither', async () => {
  const recca = await world.connect('recca');
  const { body } = await world.write(customerKind, recca, { body: { externalId: 'mysite:vk:12345' } });
  const handOver = async (name: string, email: string) => {
    const lead = { referrerCustomerId: (body as Customer).id, contact: { name, email } };
    const { operationId } = await world.write(leadKind, recca, { body: lead, waitMs: 0 });
    return operationId!;
  };
  const first = await handOver('Мария Попова', 'a@example.com');
  const second = await handOver('мария П.', 'b@example.com');
  const another = await handOver('Марина Попова', 'c@example.com');
  await run(second);
  await run(another);
  expect(await operation(second)).toMatchObject({ state: 'queued', attempts: 0 });
  expect(await operation(another)).toMatchObject({ state: 'succeeded' });
  await run(first);
  await run(second);
  for (const id of [first, second]) expect(await operation(id)).toMatchObject({ state: 'succeeded' });
});

it('one that is withdrawn keeps nobody waiting', async () => {
  const [older, newer] = [await adjust('100.00'), await adjust('-50.00')];
  await run(newer);
  await cancelOperation(world.core, world.tenantId, older);
  await run(newer);
  expect(await operation(newer)).toMatchObject({ state: 'succeeded' });
});

it('one of a paused connection keeps nobody waiting, and one that was sent before goes on', async () => {
  const { direct } = world.core.database;
  const [older, newer] = [await adjust('100.00'), await adjust('-50.00')];
  const read = [{ exchange: 'user-balance', ask: '{"userId":"6001"}', result: {} }];
  await direct.query(`update operations set write_sent = true, steps = $2 where id = $1`, [
    newer,
    world.core.vault.seal('steps', newer, read),
  ]);
  await run(newer);
  expect(await operation(newer)).toMatchObject({ state: 'succeeded' });

  const third = await adjust('-10.00');
  await world.core.stores.connections.update(direct, recreativ.id, { state: 'paused' });
  expect(await world.core.stores.turns.waits(direct, third)).toBe(false);
  await world.core.stores.connections.update(direct, recreativ.id, { state: 'callable' });
  expect(await world.core.stores.turns.waits(direct, third)).toBe(true);
  await run(older);
  expect(await world.core.stores.turns.waits(direct, third)).toBe(false);
});

it('nor does one overtake that is claimed while the older one goes back to the queue', async () => {
  const { database, stores } = world.core;
  const lease = { owner: 'me', leaseMs: 60_000 };
  const [older, newer] = [await adjust('100.00'), await adjust('-50.00')];
  const taken = await stores.operations.claim(database.direct, await operation(older), lease);
  if (!('claim' in taken)) throw new Error(taken.blocked);
  const stored = await operation(newer);
  let claiming: Promise<unknown> | undefined;
  await database.transaction(async tx => {
    const back = { wakeAt: new Date(), reason: 'throttled', doubtful: false };
    await stores.operations.requeue(tx, taken.claim, back);
    claiming = stores.operations.claim(database.direct, stored, lease, { write: true });
    await expect.poll(waiting).toBe(1);
  });
  expect(await claiming).toEqual({ blocked: 'serial' });
  expect(await operation(newer)).toMatchObject({ state: 'queued', writeSent: false, firstSentAt: null });
});

/** Statements in this database that wait for another transaction. */
async function waiting(): Promise<number> {
  const [row] = await world.core.database.direct.query(
    `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return row.count;
}
