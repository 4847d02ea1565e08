import { afterAll, beforeAll, expect, it } from 'vitest';
import { acceptedOperation, openOneConnection } from '../../../../test/support/one-connection.js';
import type { Database } from '../database.js';
import { LeaseStore } from './lease.store.js';
import { OperationStore } from './operation.store.js';

let database: Database;
let close: () => Promise<void>;
const leases = new LeaseStore();

beforeAll(async () => {
  ({ database, close } = await openOneConnection(3));
});
afterAll(() => close());

/** An operation that is being sent, with its claim. */
async function sent(id: string) {
  const row = { ...acceptedOperation, id, resourceId: id };
  return (await new OperationStore().addClaimed(database.direct, row, { owner: 'me', leaseMs: 10_000 }))
    .claim;
}

/** For how many seconds more, about. */
async function leftOf(id: string): Promise<number | null> {
  const [row] = await database.direct.query(
    `select round(extract(epoch from lease_until - now()))::int as left from operations where id = $1`,
    [id],
  );
  return row.left;
}

it('renews the leases of one process with one statement, and of no one else', async () => {
  const [mine, other, taken, ended, done] = await Promise.all(
    ['mine', 'other', 'taken', 'ended', 'done'].map(sent),
  );
  await database.direct.query(
    `update operations set lease_until = now() - interval '1 s' where id = 'ended'`,
  );
  await new OperationStore().settle(database.direct, done!, {
    state: 'succeeded',
    outcome: 'executed',
    evidence: 'proof',
  });
  await leases.renewAll(database.direct, [mine!, { ...taken!, fence: 0 }, ended!, done!], 600_000);
  for (const { id } of [mine!, ended!]) expect(await leftOf(id)).toBeGreaterThan(500);
  for (const { id } of [other!, taken!]) expect(await leftOf(id)).toBeLessThan(20);
  expect(await leftOf('done')).toBeNull();
});

it('does not wait for a row that is just being settled', async () => {
  const [free, busy] = await Promise.all(['free', 'busy'].map(sent));
  await database.transaction(async tx => {
    await tx.query(`select 1 from operations where id = 'busy' for update`);
    await leases.renewAll(database.direct, [busy!, free!], 600_000);
  });
  expect(await leftOf('free')).toBeGreaterThan(500);
  expect(await leftOf('busy')).toBeLessThan(20);
});

it('a row is taken over when its lease has ended, and only once', async () => {
  await sent('alive');
  await sent('dead');
  await database.direct.query(`update operations set lease_until = now() - interval '1 s' where id = 'dead'`);
  expect(await leases.takeOver(database.direct, 'alive')).toBeNull();
  expect(await leases.takeOver(database.direct, 'dead')).toMatchObject({ claim: { id: 'dead', fence: 2 } });
  expect(await leases.takeOver(database.direct, 'dead')).toBeNull();
});
