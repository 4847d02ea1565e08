import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { acceptedOperation, openOneConnection } from '../../../../test/support/one-connection.js';
import type { OneConnection } from '../../../../test/support/one-connection.js';
import { BalanceStore } from './balance.store.js';
import { OperationStore } from './operation.store.js';

let one: OneConnection;

beforeAll(async () => {
  one = await openOneConnection(2);
});
afterAll(() => one.close());

const now = new Date('2026-01-01T12:00:00Z');
const [before, after] = [new Date(now.getTime() - 1_000), new Date(now.getTime() + 1_000)];
const query = (sql: string, parameters: unknown[] = []) => one.database.direct.query(sql, parameters);

beforeEach(async () => {
  await query('truncate holds, purchases, operations cascade');
  const row = { ...acceptedOperation, id: 'spend', customerLock: 'anna', spend: true };
  await new OperationStore().addClaimed(one.database.direct, row, { owner: 'me', leaseMs: 60_000 });
});

/** A sale that spends 15 points and may name a hold. */
const sell = (holdIds: string[]) =>
  query(
    `insert into purchases (id, tenant_id, connection_id, operation_id, merchant_reference, receipt, total, currency, hold_ids)
     values ('sale', 'ten_1', 'con_1', 'spend', 'sale', '{"redeemPoints": "15"}', 100, 'RUB', $1)`,
    [holdIds],
  );

/** A hold of 10 points, for whomever. */
const hold = async (id: string, state: string, expiresAt: Date) => {
  await query(
    `insert into customers (id, tenant_id, connection_id) values ('anna', 'ten_1', 'con_1') on conflict do nothing`,
  );
  await query(
    `insert into holds (id, tenant_id, connection_id, operation_id, customer_id, guarantee, state, points, expires_at)
     values ($1, 'ten_1', 'con_1', 'spend', 'anna', 'advisory', $2, 10, $3)`,
    [id, state, expiresAt],
  );
};

const reserved = async (readAt?: Date, except: string[] = []) =>
  Number(
    await new BalanceStore().reserved(
      one.database.direct,
      { connectionId: 'con_1', customer: 'anna' },
      { except, now, readAt },
    ),
  );

it.each([
  ['queued', 15],
  ['dispatching', 15],
  ['unknown', 15],
  ['needs-review', 15],
  ['rejected', 0],
  ['cancelled', 0],
  ['expired', 0],
])('the points of a sale that is %s: %i are promised to nobody else', async (state, points) => {
  await sell([]);
  await query(`update operations set state = $1`, [state]);
  expect(await reserved(before)).toBe(points);
});

it('the points of a sale that succeeded may be missing from a balance that was read before, and from no later one', async () => {
  await sell([]);
  await query(`update operations set state = 'succeeded', finished_at = $1`, [now]);
  expect([await reserved(before), await reserved(after), await reserved()]).toEqual([15, 0, 0]);
});

it('a hold is counted while it may live, and once with the sale that names it', async () => {
  await hold('active', 'active', after);
  await hold('doubtful', 'doubtful', after);
  for (const state of ['released', 'consumed', 'expired']) await hold(state, state, after);
  await hold('over', 'active', before);
  expect([await reserved(), await reserved(before, ['active'])]).toEqual([20, 10]);
  await sell(['active']);
  expect(await reserved()).toBe(25);
  await query(`update holds set points = 40 where id = 'active'`);
  expect(await reserved()).toBe(50);
});
