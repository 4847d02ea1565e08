import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { Database, createDataSource } from '../database.js';
import { CustomerStore } from './customer.store.js';
import { JournalStore } from './journal.store.js';
import type { CallInsert } from './journal.store.js';

const customers = new CustomerStore();
const journal = new JournalStore();
const owner = { tenantId: 'ten_1', connectionId: 'con_1' };

let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await createTestDatabase();
  database = new Database(await createDataSource(server.url, 1).initialize());
  await database.direct.query(`insert into tenants (id, slug, name) values ('ten_1', 'one', 'One')`);
  await database.direct.query(
    `insert into connections (id, tenant_id, provider, slug, base_url, lane) values ('con_1', 'ten_1', 'uds', 'one', 'https://one', 'lane')`,
  );
});
afterAll(async () => {
  await database.source.destroy();
  await server.drop();
});

it('removes every reference of a person from the call log, in any letter case, and leaves what only looks like one', async () => {
  const tx = database.direct;
  const id = await customers.upsert(tx, owner, { uid: '77', externalId: 'анна(1)' });
  const line = (url: string, preview: string): CallInsert => ({
    ...owner,
    operationId: null,
    exchange: 'one',
    method: 'GET',
    url,
    status: 200,
    outcome: 'done',
    reason: null,
    durationMs: '1',
    request: { bytes: 0 },
    response: { bytes: 9, preview },
  });
  await journal.addCalls(tx, [
    line('https://one/77/77', '{}'),
    line('https://one/list', '{"name":"анна(1)"}'),
    line('https://one/177', '{"name":"анна 1"}'),
  ]);

  await customers.erase(tx, 'ten_1', id);

  const lines = await journal.calls(tx, 'ten_1', { limit: 10 });
  expect(lines.map(({ url, response }) => ({ url, response })).toReversed()).toEqual([
    { url: 'https://one/***/***', response: { bytes: 9 } },
    { url: 'https://one/list', response: { bytes: 9 } },
    { url: 'https://one/177', response: { bytes: 9, preview: '{"name":"анна 1"}' } },
  ]);
});
