// How late holds expire when many are pending. Rows are inserted directly; a worker expires them.
import pg from 'pg';
import { newId } from '../../dist/libs/canonical/src/index.js';
import { quantile } from './sliding.mjs';
import { cpuMs, keep, round } from './costs.mjs';
import { makeConnections, openStores, startGateways, startUpstream } from './stage.mjs';

/** 100,000 holds expire over half an hour, the longest a hold may last; 5,000 expire within the run, so that each is measured. */
const SPREAD_SECONDS = { 5_000: 80, 100_000: 1_800 };
const ROWS_AT_ONCE = 10_000;

/** 5,000 holds that expire one after the other, and 100,000 of which most stay pending. */
export async function holds({ quick }) {
  const rows = [];
  for (const store of ['redis', 'postgres'])
    for (const pending of quick ? [5_000] : [5_000, 100_000]) {
      rows.push(await run({ store, pending, seconds: quick ? 12 : 90 }));
      await keep('holds', rows, { spreadSeconds: SPREAD_SECONDS });
    }
}

async function run({ store, pending, seconds }) {
  const stores = await openStores(store);
  const upstream = await startUpstream();
  const gateway = await startGateways(stores, { workers: 0 });
  const client = new pg.Client({ connectionString: stores.databaseUrl });
  try {
    await client.connect();
    const [connection] = await makeConnections(gateway, upstream, 1);
    await insertHolds(client, connection, pending);
    const worker = await gateway.startWorker();
    await firstExpiry(client);
    const before = cpuMs([worker, ...stores.trees()]);
    const { rows: began } = await client.query('select clock_timestamp() as at');
    await new Promise(resolve => setTimeout(resolve, seconds * 1_000));
    const spent = cpuMs([worker, ...stores.trees()]) - before;
    return {
      store,
      pending,
      ...(await lateness(client, began[0].at)),
      'CPU, % of a core': round(spent / seconds / 10),
      jobs: await gateway.jobs('hold-expiry'),
    };
  } finally {
    await client.end();
    for (const each of [gateway, upstream, stores]) await each.close();
  }
}

// Processes start slowly on a busy machine; holds that were due before the worker was ready are not measured.
async function firstExpiry(client) {
  const overdue = `select count(*)::int as n from holds where state = 'active' and expires_at < now() - interval '1 second'`;
  for (;;) {
    await new Promise(resolve => setTimeout(resolve, 1_000));
    const expired = `select count(*)::int as n from events where type = 'hold.expired'`;
    const [some, late] = [await client.query(expired), await client.query(overdue)];
    if (some.rows[0].n > 0 && late.rows[0].n === 0) return;
  }
}

async function insertHolds(client, connection, count) {
  const operation = newId('opr');
  await client.query(
    `insert into operations (id, tenant_id, connection_id, kind, lane, lane_class, retry_class, resource_type, resource_id, content_hash, nonce, state, outcome, finished_at)
     select $1, tenant_id, id, 'createHold', lane, 'interactive', 'absolute', 'hold', 'bench', 'bench', gen_random_uuid(), 'succeeded', 'executed', now()
     from connections where id = $2`,
    [operation, connection],
  );
  for (let inserted = 0; inserted < count; inserted += ROWS_AT_ONCE) {
    const ids = Array.from({ length: Math.min(ROWS_AT_ONCE, count - inserted) }, () => newId('hld'));
    await client.query(
      `insert into holds (id, tenant_id, connection_id, operation_id, guarantee, state, points, expires_at)
       select h.id, o.tenant_id, o.connection_id, o.id, 'advisory', 'active', 1, now() + random() * $3 * interval '1 second'
       from operations o, unnest($2::text[]) as h(id) where o.id = $1`,
      [operation, ids, SPREAD_SECONDS[count]],
    );
  }
  await client.query('analyze holds');
}

async function lateness(client, since) {
  const { rows } = await client.query(
    `select extract(epoch from e.created_at - h.expires_at)::float8 * 1000 as ms from holds h
     join events e on e.resource_id = h.id and e.type = 'hold.expired' where h.expires_at >= $1`,
    [since],
  );
  const { rows: late } = await client.query(
    `select count(*)::int as n from holds where state = 'active' and expires_at < now() - interval '2 seconds'`,
  );
  const ms = rows.map(row => row.ms);
  return {
    expired: ms.length,
    'late p50, ms': round(quantile(ms, 0.5)),
    'late p99, ms': round(quantile(ms, 0.99)),
    'late, most, ms': round(Math.max(...ms)),
    early: ms.filter(each => each < 0).length,
    'overdue by 2 s and still active': late[0].n,
  };
}
