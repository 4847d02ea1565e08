import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { LONG } from '../../../../test/support/lane-callers.js';
import { PostgresLaneStore } from './postgres-lanes.js';
import { prepareLanes } from './prepare-lanes.js';
import { termsOf } from './lane-rules.js';

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  // An ended pool may still hear that its database is dropped.
  pool = new pg.Pool({ connectionString: database.url, max: 1 }).on('error', () => undefined);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const lane = { fingerprint: 'kept', requests: 5, perMs: LONG };

async function asked(): Promise<number> {
  const store = new PostgresLaneStore(pool);
  const { waitUs } = await store.ask(lane.fingerprint, termsOf(lane, 'interactive', 2 * LONG));
  await store.close();
  return waitUs;
}

const starts = async () =>
  (await pool.query(`select cardinality(starts) as n from lane_log where fingerprint = 'kept'`)).rows[0]?.n;

it('leaves lanes of the same release as they are', async () => {
  await prepareLanes(pool);
  await asked();
  await prepareLanes(pool);
  expect(await starts()).toBe(1);
});

it('replaces what another release left, and holds every lane for one window then', async () => {
  await pool.query(`
    drop function lane_enter; create function lane_enter(text, int) returns text language sql as $$ select 'old' $$;
    create function lane_forgotten(lane_log) returns text language sql as $$ select 'older' $$;
    comment on table lane_log is 'another release'`);
  await prepareLanes(pool);
  const { rows } = await pool.query(
    `select proname from pg_proc where proname in ('lane_enter', 'lane_forgotten')`,
  );
  expect(rows).toEqual([{ proname: 'lane_enter' }]);
  expect(await starts()).toBeUndefined();
  expect(await asked()).toBeGreaterThan((LONG / 2) * 1_000);
});
