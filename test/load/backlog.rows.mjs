import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { newId } from '../../dist/libs/canonical/src/index.js';
import { RootKeyStore } from '../../dist/libs/persistence/src/stores/root-key.store.js';
import { Vault } from '../../dist/libs/persistence/src/vault.js';
import { headers, sale } from './stage.mjs';

const ROWS_AT_ONCE = 1_000;

/** Queues sales on connections: the gateway accepts one for each, and its row is cloned. Start the workers afterwards. */
export async function queueSales({ gateway, databaseUrl }, connections, perConnection) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const tx = { query: async (text, values) => (await client.query(text, values)).rows };
  const masterKey = Buffer.from(gateway.env.MASTER_KEY, 'base64');
  const vault = new Vault((await new RootKeyStore().open(tx, { masterKey })).rootKey);
  for (const connection of connections) {
    const answer = await fetch(`${gateway.urls[0]}/v1/purchases`, {
      method: 'POST',
      headers: { ...headers(gateway.key, connection), prefer: 'respond-async' },
      body: JSON.stringify(sale()),
    });
    if (answer.status !== 202) throw new Error(await answer.text());
    const { id } = await answer.json();
    for (let count = 1; count < perConnection; count += ROWS_AT_ONCE)
      await clone(client, vault, id, Math.min(ROWS_AT_ONCE, perConnection - count));
  }
  await client.query('analyze operations');
  await client.end();
}

async function clone(client, vault, template, count) {
  const { rows } = await client.query('select ask from operations where id = $1', [template]);
  const ask = vault.open('operation', template, rows[0].ask);
  const clones = Array.from({ length: count }, () => ({
    id: newId('opr'),
    resource: newId('pur'),
    reference: randomUUID(),
  }));
  const asks = clones.map(({ id, reference }) =>
    vault.seal('operation', id, { ...ask, merchantReference: reference }),
  );
  const columns = [
    clones.map(({ id }) => id),
    clones.map(({ resource }) => resource),
    clones.map(({ reference }) => reference),
  ];
  await client.query(
    `insert into operations (id, tenant_id, connection_id, kind, lane, lane_class, retry_class, resource_type, resource_id,
       merchant_reference, content_hash, nonce, ask, wake_at, expires_at)
     select c.id, t.tenant_id, t.connection_id, t.kind, t.lane, t.lane_class, t.retry_class, t.resource_type, c.resource,
       c.reference, c.reference, gen_random_uuid(), c.ask, now(), now() + interval '1 day'
     from operations t, unnest($2::text[], $3::text[], $4::text[], $5::bytea[]) as c(id, resource, reference, ask) where t.id = $1`,
    [template, ...columns, asks],
  );
  await client.query(
    `insert into purchases (id, tenant_id, connection_id, operation_id, merchant_reference, receipt, total, currency)
     select c.resource, t.tenant_id, t.connection_id, c.id, c.reference, t.receipt, t.total, t.currency
     from purchases t, unnest($2::text[], $3::text[], $4::text[]) as c(id, resource, reference) where t.operation_id = $1`,
    [template, ...columns],
  );
}

/** The number of operations in each state. */
export async function statesIn(databaseUrl) {
  const rows = await query(databaseUrl, 'select state, count(*)::int as n from operations group by 1');
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
}

/** The merchant's references of all accepted operations. */
export async function referencesIn(databaseUrl) {
  const rows = await query(databaseUrl, 'select merchant_reference as reference from operations');
  return new Set(rows.map(({ reference }) => reference));
}

async function query(databaseUrl, sql) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}
