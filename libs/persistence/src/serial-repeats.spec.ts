import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../../../test/support/database.js';
import type { TestDatabase } from '../../../test/support/database.js';
import { createDataSource } from './database.js';
import { SerialRepeats1764000000011 } from './migrations/11-serial-repeats.js';

let server: TestDatabase;
let source: DataSource;

beforeAll(async () => {
  server = await createTestDatabase();
  source = await createDataSource(server.url, 2).initialize();
  await source.query(`insert into tenants (id, slug, name) values ('ten_1', 'one', 'One')`);
  await source.query(
    `insert into connections (id, tenant_id, provider, slug, base_url, lane) values ('con_1', 'ten_1', 'recca', 'one', 'https://one', 'lane')`,
  );
});
afterAll(async () => {
  await source.destroy();
  await server.drop();
});

const put = (id: string, serialKey: string, state: string) =>
  source.query(
    `insert into operations (id, tenant_id, connection_id, kind, lane, lane_class, retry_class, resource_type, resource_id, content_hash, state, serial_key, write_sent, nonce)
     values ($1, 'ten_1', 'con_1', 'createCustomer', 'lane', 'write', 'keyed', 'customer', $1, 'hash', $2, $3, $4, gen_random_uuid())`,
    [id, state, serialKey, true],
  );

it('lets writes go on that stand side by side already, and no further one beside them', async () => {
  const runner = source.createQueryRunner();
  const migration = new SerialRepeats1764000000011();
  await migration.down(runner);
  await put('opr_1', 'a', 'queued');
  await put('opr_2', 'a', 'dispatching');
  await put('opr_3', 'b', 'queued');
  await put('opr_4', 'b', 'queued');
  await put('opr_5', 'c', 'queued');
  await migration.up(runner);
  await runner.release();
  const rows = await source.query(`select id, serial_key from operations order by id`);
  expect(rows.map(({ serial_key }: { serial_key: string | null }) => serial_key)).toEqual([
    null,
    'a',
    'b',
    null,
    'c',
  ]);
  await expect(put('opr_6', 'c', 'dispatching')).rejects.toThrow(/operations_serial/);
});
