import { afterAll, beforeAll, expect, it } from 'vitest';
import { openOneConnection } from '../../../../test/support/one-connection.js';
import type { OneConnection } from '../../../../test/support/one-connection.js';
import { allOfLedger } from './same-ledger.js';

let one: OneConnection;

// One row each: id, tenant, provider, address, whether that is the merchant's own, lane, deleted.
const rows = [
  ['own', 'ten_1', 'points', 'https://shop', true, 'key-1', false],
  ['own-other-key', 'ten_1', 'points', 'https://shop', true, 'key-2', false],
  ['own-same-key', 'ten_1', 'points', 'https://shop/old', true, 'key-1', false],
  ['own-deleted', 'ten_1', 'points', 'https://shop', true, 'key-1', true],
  ['own-elsewhere', 'ten_1', 'points', 'https://another', true, 'key-3', false],
  ['own-other-tenant', 'ten_2', 'points', 'https://shop', true, 'key-4', false],
  ['own-other-provider', 'ten_1', 'other', 'https://shop', true, 'key-5', false],
  ['common', 'ten_1', 'common', 'https://common', false, 'key-6', false],
  ['common-other-key', 'ten_1', 'common', 'https://common', false, 'key-7', false],
];

beforeAll(async () => {
  one = await openOneConnection(1);
  const { direct } = one.database;
  await direct.query(`insert into tenants (id, slug, name) values ('ten_2', 'two', 'Two')`);
  const columns = 'id, slug, tenant_id, provider, base_url, own_site, lane, deleted_at';
  for (const row of rows)
    await direct.query(
      `insert into connections (${columns}) values ($1, $1, $2, $3, $4, $5, $6, case when $7 then now() end)`,
      row,
    );
});
afterAll(() => one.close());

it.each([
  ['own', ['own', 'own-other-key', 'own-same-key']],
  ['own-deleted', ['own', 'own-deleted', 'own-other-key', 'own-same-key']],
  ['own-other-tenant', ['own-other-tenant']],
  ['common', ['common']],
])('the ledger of %s is seen by %j', async (id, expected) => {
  const [{ ids }] = await one.database.direct.query(`select ${allOfLedger('$1')} as ids`, [id]);
  expect(ids.toSorted()).toEqual(expected);
});

it('is found by indexes among many connections', async () => {
  const { direct } = one.database;
  await direct.query(
    `insert into connections (id, slug, tenant_id, provider, base_url, own_site, lane)
     select i, i, 'ten_1', 'points', 'https://' || i, i % 2 = 0, i from generate_series(1, 20000) i`,
  );
  await direct.query('analyze connections');
  const plan = await direct.query(`explain select ${allOfLedger('$1')}`, ['own']);
  const text = plan.map((line: Record<string, string>) => line['QUERY PLAN']).join('\n');
  expect(text).toMatch(/connections_lane/);
  expect(text).toMatch(/connections_site/);
  expect(text).not.toMatch(/Seq Scan/);
});
