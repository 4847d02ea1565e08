import pg from 'pg';
import type { QueryRunner } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../../../test/support/database.js';
import type { TestDatabase } from '../../../test/support/database.js';
import { Database, createDataSource } from './database.js';
import type { Tx } from './database.js';
import { BalanceStore } from './stores/balance.store.js';
import { ConsentStore } from './stores/consent.store.js';
import { CustomerStore } from './stores/customer.store.js';
import { FiguresStore } from './stores/figures.store.js';
import { IdempotencyStore } from './stores/idempotency.store.js';
import { JournalStore } from './stores/journal.store.js';
import { OperationStore } from './stores/operation.store.js';
import { OutboxStore } from './stores/outbox.store.js';
import { PurchaseStore } from './stores/purchase.store.js';
import { RecordStore } from './stores/record.store.js';
import { TurnStore } from './stores/turn.store.js';
import { TwinStore } from './stores/twin.store.js';

// Tables that keep years of rows: rare rows need an index of their own. `a|b` = either; Postgres decides between equals.
type Ask = [index: string, ask: (tx: Tx) => Promise<unknown>];
const lists: Ask[] = [
  ['operations_open', tx => new OperationStore().page(tx, 'ten_1', { state: 'needs-review', limit: 25 })],
  ['operations_open', tx => new PurchaseStore().page(tx, 'ten_1', { state: 'needs-review', limit: 25 })],
  ['operations_open', tx => new OperationStore().page(tx, 'ten_1', { state: 'rejected', limit: 25 })],
  ['operations_kind', tx => new OperationStore().page(tx, 'ten_1', { kind: 'createPayout', limit: 25 })],
  [
    'operations_connection',
    tx => new OperationStore().page(tx, 'ten_1', { connectionId: 'con_2', limit: 25 }),
  ],
  ['records_lead', tx => new RecordStore().conversionsOf(tx, 'con_1', ['led_1'])],
];
const others: Ask[] = [
  [
    'operations_customer',
    tx => {
      const customer = { id: 'cus_1', tenantId: 'ten_1', connectionId: 'con_2' };
      return new BalanceStore().openOf(tx, customer, new Date(0));
    },
  ],
  ['operations_kept', tx => new OperationStore().pruneResults(tx, 100)],
  ['provider_calls_connection', tx => new CustomerStore().erase(tx, 'ten_1', 'cus_1')],
  ['idempotency_keys_operation', tx => new CustomerStore().erase(tx, 'ten_1', 'cus_1')],
  ['records_customer', tx => new CustomerStore().erase(tx, 'ten_1', 'cus_1')],
  ['records_sealed', tx => new ConsentStore().wipeEnded(tx, 100)],
  ['deliveries_age', tx => new OutboxStore().prune(tx, 30, 100)],
  ['events_age', tx => new OutboxStore().prune(tx, 30, 100)],
  ['idempotency_keys_age', tx => new IdempotencyStore().prune(tx, 100)],
  ...['operations_open', 'operations_wake', 'events_pending', 'deliveries_due|deliveries_waiting'].map(
    (index): Ask => [index, tx => new FiguresStore().read(tx)],
  ),
  // Those without a number, not the connection's sales of years.
  ['purchases_provider_operation', tx => new TwinStore().isWithoutId(tx, 'opr_1', '5')],
  ['records_lead', tx => new TwinStore().ofConversion(tx, 'opr_1', 'lead_1')],
  ['records_payout', tx => new TwinStore().ofPayout(tx, 'opr_1')],
  ['operations_turn', tx => new TurnStore().wakeNext(tx, { id: 'opr_1', lane: 'lane', serialKey: 'payout' })],
  ['operations_turn', tx => new TurnStore().isLine(tx, { lane: 'lane', serialKey: 'payout' })],
  ['operations_turn', tx => new TurnStore().ahead(tx, 'opr_1')],
  ['operations_serial', tx => new TurnStore().ahead(tx, 'opr_1')],
  ['provider_calls_age', tx => new JournalStore().pruneCalls(tx, 100)],
];

let server: TestDatabase;
let database: Database;
let runner: QueryRunner;

beforeAll(async () => {
  server = await createTestDatabase();
  // The filling takes as long as the machine needs.
  const patience = { statementMs: 0, silenceMs: 0 };
  database = new Database(await createDataSource(server.url, 1, patience).initialize());
  runner = database.source.createQueryRunner();
  for (const sql of filling) await runner.query(sql);
});
afterAll(async () => {
  await runner.release();
  await database.source.destroy();
  await server.drop();
});

it.each([...lists, ...others])('uses %s to find rare rows among many', async (index, ask) => {
  expect(await plansOf(ask)).toMatch(new RegExp(index));
});

// From the sixth execution on Postgres may use a plan made without the values.
it.each(lists)('uses %s also for a statement that is repeated often', async (index, ask) => {
  for (let nth = 0; nth < 6; nth++) await ask(runner.manager);
  expect(await plansOf(ask)).toMatch(new RegExp(index));
});

/** The plans by which Postgres answers now, kept ones as they were kept. */
async function plansOf(ask: (tx: Tx) => Promise<unknown>): Promise<string> {
  const query = runner.query.bind(runner);
  const plans: string[] = [];
  runner.query = async (sql: string, ...rest: any[]) => {
    const values: unknown[] = rest[0] ?? [];
    const [kept] = await query('select name from pg_prepared_statements where statement = $1', [sql]);
    const plan: Record<string, string>[] = kept
      ? await query(`explain execute "${kept.name}"(${values.map(literal).join(', ')})`)
      : await query(`explain ${sql}`, values);
    plans.push(plan.map(line => line['QUERY PLAN']).join('\n'));
    return (query as (...given: any[]) => Promise<any>)(sql, ...rest);
  };
  await ask(runner.manager).finally(() => (runner.query = query));
  return plans.join('\n');
}

const literal = (value: unknown): string =>
  pg.escapeLiteral(Array.isArray(value) ? `{${value.join(',')}}` : String(value));

// Enough rows for Postgres to prefer an index where there is one; all of one tenant, none of them matching.
const many = 'generate_series(1, 20000) i';
const filling = [
  `insert into tenants (id, slug, name) values ('ten_1', 'one', 'One')`,
  `insert into connections (id, tenant_id, provider, slug, base_url, lane) values ('con_1', 'ten_1', 'uds', 'one', 'https://one', 'lane')`,
  `insert into connections (id, tenant_id, provider, slug, base_url, lane) values ('con_2', 'ten_1', 'uds', 'two', 'https://two', 'lane')`,
  `insert into customers (id, tenant_id, connection_id) values ('cus_1', 'ten_1', 'con_2')`,
  `insert into customer_refs (connection_id, name, value, customer_id) values ('con_2', 'uid', '7', 'cus_1'), ('con_2', 'phone', '8', 'cus_1')`,
  `insert into subscriptions (id, tenant_id, target_type, events) values ('sub_1', 'ten_1', 'queue', '{purchase.*}')`,
  `insert into operations (id, tenant_id, connection_id, kind, lane, lane_class, retry_class, resource_type, resource_id, content_hash, state, nonce, finished_at)
   select 'opr_' || i, 'ten_1', 'con_1', 'createPurchase', 'lane', 'interactive', 'keyed', 'purchase', 'pur_' || i, 'hash', 'succeeded', gen_random_uuid(), now() - interval '90 days' from ${many}`,
  `insert into purchases (id, tenant_id, connection_id, operation_id, merchant_reference, receipt, total, currency, provider_operation_id)
   select 'pur_' || i, 'ten_1', 'con_1', 'opr_' || i, i, '{}', 10, 'RUB', i from ${many}`,
  `insert into records (id, tenant_id, connection_id, type, expires_at)
   select 'csn_' || i, 'ten_1', 'con_1', 'consent-session', now() - interval '90 days' from ${many}`,
  `insert into records (id, tenant_id, connection_id, type, body)
   select 'cnv_' || i, 'ten_1', 'con_1', 'conversion', jsonb_build_object('leadId', 'led_' || i) from ${many}`,
  `insert into events (id, tenant_id, type, resource_type, resource_id, sequence, data, fanned_out_at)
   select 'evt_' || i, 'ten_1', 'purchase.succeeded', 'purchase', 'pur_' || i, 1, '{}', now() from ${many}`,
  `insert into deliveries (id, tenant_id, subscription_id, event_id, event_type, status, delivered_at)
   select 'dlv_' || i, 'ten_1', 'sub_1', 'evt_' || i, 'purchase.succeeded', 'delivered', now() from ${many}`,
  `insert into idempotency_keys (tenant_id, key, fingerprint) select 'ten_1', 'key-' || i, 'hash' from ${many}`,
  `insert into provider_calls (id, tenant_id, connection_id, exchange, method, url, outcome)
   select 'pcl_' || i, 'ten_1', 'con_1', 'one', 'GET', 'https://one', 'done' from ${many}`,
  'analyze',
];
