import { afterAll, beforeAll, expect, it } from 'vitest';
import { acceptedOperation as row, openOneConnection } from '../../../../test/support/one-connection.js';
import type { Database } from '../database.js';
import { BacklogStore } from './backlog.store.js';
import { ConnectionStore } from './connection.store.js';
import { CustomerStore } from './customer.store.js';
import { OperationStore } from './operation.store.js';

let database: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ database, close } = await openOneConnection(2));
});
afterAll(() => close());

const { steps: _, ...unsent } = row;
const queued = { ...unsent, wakeAt: null } as const;

it('a row that is claimed when it is inserted has its whole lease, however long its transaction waited before', async () => {
  const { began, operation } = await database.transaction(async tx => {
    const [{ now }] = await tx.query('select now(), pg_sleep(0.05)');
    const by = { owner: 'me', leaseMs: 60_000 };
    return { began: now as Date, ...(await new OperationStore().addClaimed(tx, row, by)) };
  });
  expect(operation.leaseUntil!.getTime() - began.getTime()).toBeGreaterThanOrEqual(60_050);
  expect(operation.wakeAt!.getTime()).toBeGreaterThanOrEqual(operation.leaseUntil!.getTime());
});

it('a row that is inserted while its connection gets another lane stands in that lane, in line with its like', async () => {
  const [operations, connections] = [new OperationStore(), new ConnectionStore()];
  let inserted: Promise<unknown> | undefined;
  await database.transaction(async tx => {
    await connections.lock(tx, 'con_1');
    await connections.update(tx, 'con_1', { lane: 'new lane' });
    inserted = operations.insert(database.direct, { ...queued, id: 'opr_2', lane: 'lane' });
    await new BacklogStore().moveLane(tx, { id: 'con_1', lane: 'new lane' });
  });
  expect(await inserted).toMatchObject({ id: 'opr_2', lane: 'new lane' });
});

it('a withdrawn row does not tell again why it went back to the queue before', async () => {
  const operations = new OperationStore();
  const by = { owner: 'me', leaseMs: 60_000 };
  const { claim } = await operations.addClaimed(
    database.direct,
    { ...row, id: 'opr_4', lane: 'new lane' },
    by,
  );
  const back = { wakeAt: new Date(), reason: 'throttled', doubtful: false };
  await operations.requeue(database.direct, claim, back);
  await operations.withdraw(database.direct, { id: 'opr_4', tenantId: 'ten_1' }, 'cancelled');
  const lines = await operations.timeline(database.direct, 'ten_1', 'opr_4');
  expect(lines.slice(-2)).toMatchObject([
    { state: 'queued', detail: { note: 'throttled' } },
    { state: 'cancelled', detail: { outcome: 'not-executed' } },
  ]);
  expect(lines.at(-1)!.detail).not.toHaveProperty('note');
});

it('a settlement and a rotation that wait for each other both go through', async () => {
  const [operations, connections, customers] = [
    new OperationStore(),
    new ConnectionStore(),
    new CustomerStore(),
  ];
  const by = { owner: 'me', leaseMs: 60_000 };
  const { claim } = await operations.addClaimed(
    database.direct,
    { ...row, id: 'opr_3', lane: 'new lane' },
    by,
  );
  const meet = crossing();
  const settlement = database.transaction(async tx => {
    const ending = { state: 'succeeded', outcome: 'executed', evidence: 'proof' } as const;
    await operations.settle(tx, claim, ending);
    await meet();
    return customers.upsert(tx, { tenantId: 'ten_1', connectionId: 'con_1' }, { uid: 'new' });
  });
  const rotation = database.transaction(async tx => {
    await connections.lock(tx, 'con_1');
    await meet();
    return new BacklogStore().moveLane(tx, { id: 'con_1', lane: 'newer lane' });
  });
  expect(await Promise.all([settlement, rotation])).toEqual([expect.stringMatching(/^cus_/), true]);
  expect(await operations.byId(database.direct, 'opr_3')).toMatchObject({ state: 'succeeded' });
});

it('a spend that was answered 429 and may stand holds back the next of its customer, one that was not sent does not', async () => {
  const operations = new OperationStore();
  const { direct } = database;
  const by = { owner: 'me', leaseMs: 60_000 };
  const spend = (id: string, customerLock: string) =>
    operations.add(direct, { ...queued, id, lane: 'any', kind: 'createPurchase', spend: true, customerLock });
  const send = async (id: string, customerLock: string) =>
    operations.claim(direct, await spend(id, customerLock), by, { write: true });
  for (const [customer, doubtful] of [
    ['doubted', true],
    ['unsent', false],
  ] as const) {
    const first = await send(`${customer}_1`, customer);
    if (!('claim' in first)) throw new Error(first.blocked);
    await operations.requeue(direct, first.claim, { wakeAt: new Date(), reason: 'throttled', doubtful });
    const next = await send(`${customer}_2`, customer);
    expect('blocked' in next && next.blocked).toBe(doubtful && 'spend');
    expect(await operations.openSpend(direct, 'con_1', customer)).toMatchObject({
      id: `${customer}_${doubtful ? 1 : 2}`,
    });
  }
  const again = await operations.claim(direct, (await operations.byId(direct, 'doubted_1'))!, by);
  expect(again).toMatchObject({ claim: { fence: 2 } });
});

/** Resolves for two callers once both have called; at once for whoever comes again. */
function crossing(): () => Promise<void> {
  let open: () => void;
  const both = new Promise<void>(resolve => (open = resolve));
  let come = 0;
  return async () => {
    come += 1;
    if (come >= 2) open();
    await both;
  };
}
