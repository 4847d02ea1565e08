import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestDatabase } from '../../../test/support/database.js';
import type { TestDatabase } from '../../../test/support/database.js';
import { Database, createDataSource } from './database.js';

let server: TestDatabase;
let database: Database;
const sql = (text: string, values?: unknown[]) => database.direct.query(text, values);

beforeAll(async () => {
  server = await createTestDatabase();
  database = new Database(await createDataSource(server.url, 2).initialize());
  await sql(`insert into tenants (id, slug, name) values ('ten_1', 'one', 'One')`);
  await sql(
    `insert into connections (id, tenant_id, provider, slug, base_url, lane) values ('con_1', 'ten_1', 'uds', 'one', 'https://one', 'lane')`,
  );
});
afterAll(async () => {
  await database.source.destroy();
  await server.drop();
});
beforeEach(async () => {
  await sql('delete from operation_events');
  await sql('delete from operations');
});

const insert = (id: string, state: string, attempts = 0) =>
  sql(
    `insert into operations (id, tenant_id, connection_id, kind, lane, lane_class, retry_class, resource_type, resource_id, content_hash, state, outcome, attempts, nonce)
     values ($1, 'ten_1', 'con_1', 'createPurchase', 'lane', 'interactive', 'keyed', 'purchase', 'pur_1', 'hash', $2,
       case when $2 = 'queued' then 'not-executed' else 'unknown' end, $3, gen_random_uuid())`,
    [id, state, attempts],
  );
const move = (id: string, state: string) =>
  sql(`update operations set state = $2, outcome = 'executed', evidence = 'proof' where id = $1`, [
    id,
    state,
  ]);
const lines = async (id: string) =>
  (await sql('select state, detail from operation_events where operation_id = $1 order by id', [id])).map(
    (line: { state: string; detail: object }) => [line.state, line.detail],
  );

const QUEUED = ['queued', { outcome: 'not-executed' }];
const DISPATCHING = ['dispatching', { outcome: 'unknown', attempt: 1 }];
const SUCCEEDED = ['succeeded', { outcome: 'executed', evidence: 'proof', attempt: 1 }];

it('writes a line of the timeline for each change of state, and for no other change', async () => {
  await insert('opr_1', 'queued');
  await sql(`update operations set state = 'dispatching', outcome = 'unknown', attempts = 1`);
  await sql(`update operations set state = state, wake_at = now()`);
  await move('opr_1', 'succeeded');
  await move('opr_1', 'succeeded');
  expect(await lines('opr_1')).toEqual([QUEUED, DISPATCHING, SUCCEEDED]);
});

it('begins the timeline of a row that is sent at once with `queued`', async () => {
  await insert('opr_1', 'dispatching', 1);
  expect(await lines('opr_1')).toEqual([QUEUED, DISPATCHING]);
});

it.each(['succeeded', 'rejected', 'cancelled', 'expired'])('never changes what is %s', async state => {
  await insert('opr_1', 'dispatching', 1);
  await insert('opr_2', 'dispatching', 1);
  await move('opr_1', state);
  for (const to of ['queued', 'dispatching', 'unknown', 'needs-review', 'succeeded', 'rejected']) {
    if (to === state) continue;
    const refused = sql(`update operations set state = $1`, [to]);
    await expect(refused).rejects.toMatchObject({ code: '23514', message: expect.stringContaining(state) });
  }
  // Nothing of the refused statements stays, of the other row neither.
  expect(await sql('select state from operations order by id')).toEqual([
    { state },
    { state: 'dispatching' },
  ]);
  expect(await lines('opr_2')).toEqual([QUEUED, DISPATCHING]);
});
