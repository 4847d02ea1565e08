import type { QueryRunner } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openOneConnection } from '../../../test/support/one-connection.js';
import type { OneConnection } from '../../../test/support/one-connection.js';
import { BalanceStore } from './stores/balance.store.js';
import { DoubtedSpends1764000000016 } from './migrations/16-doubted-spends.js';

let one: OneConnection;

beforeAll(async () => {
  one = await openOneConnection(2);
});
afterAll(() => one.close());

const put = (id: string, customer: string, state: string) =>
  one.database.direct.query(
    `insert into operations (id, tenant_id, connection_id, kind, lane, lane_class, retry_class, resource_type, resource_id, content_hash, state, customer_lock, spend, write_sent, nonce)
     values ($1, 'ten_1', 'con_1', 'createPurchase', 'lane', 'interactive', 'unsafe', 'purchase', $1, 'hash', $2, $3, true, true, gen_random_uuid())`,
    [id, state, customer],
  );

const sell = (id: string, redeemPoints: string) =>
  one.database.direct.query(
    `insert into purchases (id, tenant_id, connection_id, operation_id, merchant_reference, receipt, total, currency)
     values ($1, 'ten_1', 'con_1', $1, $1, $2, 100, 'RUB')`,
    [id, JSON.stringify({ redeemPoints })],
  );

/** As a migration runs at the start. */
async function inTransaction(migrate: (runner: QueryRunner) => Promise<void>): Promise<void> {
  const runner = one.database.source.createQueryRunner();
  await runner.startTransaction();
  await migrate(runner);
  await runner.commitTransaction();
  await runner.release();
}

it('lets spends go on that stand side by side already, and no further one beside them', async () => {
  const { direct } = one.database;
  const migration = new DoubtedSpends1764000000016();
  await inTransaction(runner => migration.down(runner));
  await put('opr_1', 'a', 'queued');
  await put('opr_2', 'a', 'needs-review');
  await put('opr_3', 'b', 'queued');
  await put('opr_4', 'b', 'queued');
  await sell('opr_3', '10');
  await sell('opr_4', '20');
  await put('opr_5', 'c', 'queued');
  await inTransaction(runner => migration.up(runner));
  const rows: { spend: boolean }[] = await direct.query('select spend from operations order by id');
  expect(rows.map(({ spend }) => spend)).toEqual([false, true, true, false, true]);
  const points = { except: [], now: new Date(0) };
  const b = { connectionId: 'con_1', customer: 'b' };
  expect(await new BalanceStore().reserved(direct, b, points)).toBe('30');
  await expect(put('opr_6', 'c', 'dispatching')).rejects.toThrow(/operations_spend/);
});
