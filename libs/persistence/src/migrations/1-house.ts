import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The first tables. Times are timestamptz, money is NUMERIC, ids are TypeIDs as text; what is personal or secret stands in `bytea` columns, sealed. */
export class House1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(setup);
    await runner.query(operations);
    await runner.query(resources);
    await runner.query(journals);
    await runner.query(terminalGuard);
    await runner.query(timeline);
  }

  async down(): Promise<void> {
    throw new Error('The first migration is not taken back: drop the database instead.');
  }
}

const setup = `
  create table vault_check (id int primary key check (id = 1), sealed bytea not null);

  create table tenants (
    id text primary key, slug text not null unique, name text not null, created_at timestamptz not null default now());

  create table connections (
    id text primary key, tenant_id text not null references tenants, provider text not null,
    slug text not null, name text, base_url text not null, settings jsonb not null default '{}',
    credentials bytea, data_key bytea, lane text not null, requests_per_second int,
    state text not null default 'callable', state_reason text, last_check jsonb, paused_by text,
    clock_skew_ms int not null default 0,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now(), deleted_at timestamptz);
  create unique index connections_slug on connections (tenant_id, slug) where deleted_at is null;
  create index connections_lane on connections (lane) where deleted_at is null;

  create table api_keys (
    id text primary key, tenant_id text not null references tenants, name text not null, hash bytea not null unique,
    prefix text not null, scopes text[] not null, default_connection_id text references connections,
    expires_at timestamptz, last_used_at timestamptz, revoked_at timestamptz, created_at timestamptz not null default now());
  create index api_keys_tenant on api_keys (tenant_id, created_at desc);

  create table audit_log (
    id text primary key, tenant_id text not null references tenants, actor text not null, action text not null,
    subject text not null, detail jsonb not null default '{}', at timestamptz not null default now());
  create index audit_log_tenant on audit_log (tenant_id, id desc);
`;

const operations = `
  create table operations (
    id text primary key, tenant_id text not null references tenants, connection_id text not null references connections,
    kind text not null, lane text not null, lane_class text not null, retry_class text not null,
    resource_type text not null, resource_id text not null, merchant_reference text, content_hash text not null,
    state text not null default 'queued', outcome text not null default 'not-executed', evidence text not null default 'none',
    fence int not null default 0, attempts int not null default 0, owner text, lease_until timestamptz,
    wake_at timestamptz, expires_at timestamptz,
    customer_lock text, spend boolean not null default false, serial_key text,
    nonce uuid not null, ask bytea, steps bytea,
    write_sent boolean not null default false, first_sent_at timestamptz, last_sent_at timestamptz,
    repeats int not null default 0, reconcile jsonb, problem jsonb, result jsonb, note text,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now(), finished_at timestamptz);
  create index operations_tenant on operations (tenant_id, id desc);
  create index operations_wake on operations (wake_at) where state in ('queued','dispatching','unknown');
  create index operations_lane on operations (lane, lane_class, created_at) where state = 'queued';
  create index operations_resource on operations (resource_id);
  -- A refused or cancelled try sets the merchant's reference free: nothing was executed under it.
  create unique index operations_reference on operations (connection_id, kind, merchant_reference)
    where merchant_reference is not null and state not in ('rejected','cancelled','expired');
  -- One spend of a customer at a time, and none while the outcome of one is open.
  create unique index operations_spend on operations (connection_id, customer_lock)
    where spend and state in ('dispatching','unknown','needs-review');
  -- Calls that must never run side by side (a payout takes the whole balance).
  create unique index operations_serial on operations (lane, serial_key)
    where serial_key is not null and state in ('dispatching','unknown');

  create table operation_events (
    id bigserial primary key, operation_id text not null references operations, tenant_id text not null,
    at timestamptz not null default clock_timestamp(), state text not null, detail jsonb not null default '{}');
  create index operation_events_operation on operation_events (operation_id, id);

  create table idempotency_keys (
    tenant_id text not null references tenants, key text not null, fingerprint text not null,
    operation_id text, status int, location text, body bytea,
    created_at timestamptz not null default now(), primary key (tenant_id, key));
  create index idempotency_keys_age on idempotency_keys (created_at);
`;

const resources = `
  create table customers (
    id text primary key, tenant_id text not null references tenants, connection_id text not null references connections,
    external_id text, operation_id text, created_at timestamptz not null default now());
  create index customers_tenant on customers (tenant_id, id desc);
  create table customer_refs (
    connection_id text not null references connections, name text not null, value text not null,
    customer_id text not null references customers on delete cascade, primary key (connection_id, name, value));
  create index customer_refs_customer on customer_refs (customer_id);

  create table purchases (
    id text primary key, tenant_id text not null references tenants, connection_id text not null references connections,
    operation_id text not null references operations, customer_id text references customers,
    merchant_reference text not null, receipt jsonb not null, total numeric(20,4) not null, currency text not null,
    location_id text, hold_ids text[] not null default '{}', metadata jsonb not null default '{}',
    result jsonb, warnings jsonb not null default '[]', provider_operation_id text, v1_alias bigint,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now());
  create index purchases_tenant on purchases (tenant_id, id desc);
  create index purchases_reference on purchases (tenant_id, merchant_reference);
  create index purchases_operation on purchases (operation_id);
  create index purchases_provider_operation on purchases (connection_id, provider_operation_id);
  create unique index purchases_alias on purchases (connection_id, v1_alias) where v1_alias is not null;

  create table refunds (
    id text primary key, tenant_id text not null references tenants, connection_id text not null references connections,
    purchase_id text not null references purchases, operation_id text not null references operations,
    merchant_reference text not null, amount numeric(20,4) not null, currency text not null, reason text, result jsonb,
    provider_operation_id text, created_at timestamptz not null default now());
  create index refunds_purchase on refunds (purchase_id);
  create index refunds_operation on refunds (operation_id);
  create index refunds_provider_operation on refunds (connection_id, provider_operation_id);

  create table holds (
    id text primary key, tenant_id text not null references tenants, connection_id text not null references connections,
    operation_id text not null references operations, customer_id text references customers, customer_lock text,
    guarantee text not null, state text not null, points numeric(20,4) not null, location_id text,
    provider_refs jsonb not null default '{}', expires_at timestamptz not null,
    consumed_by text, release jsonb, sequence int not null default 0, created_at timestamptz not null default now(),
    updated_at timestamptz not null default now());
  create index holds_tenant on holds (tenant_id, id desc);
  create index holds_due on holds (expires_at) where state in ('active','doubtful');
  create index holds_customer on holds (connection_id, customer_id) where state in ('active','doubtful');
  create index holds_location on holds (connection_id, location_id) where state in ('active','doubtful');
  create index holds_operation on holds (operation_id);

  -- What other writes make (links, leads, conversions, payouts, adjustments, consent sessions), one row each.
  create table records (
    id text primary key, tenant_id text not null references tenants, connection_id text not null references connections,
    operation_id text references operations, type text not null, customer_id text references customers,
    provider_ref text, body jsonb not null default '{}', sealed bytea, state_hash text, expires_at timestamptz,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now());
  create index records_tenant on records (tenant_id, type, id desc);
  create index records_operation on records (operation_id);
  create unique index records_provider_ref on records (connection_id, type, provider_ref) where provider_ref is not null;
  create unique index records_state on records (state_hash) where state_hash is not null;
`;

const journals = `
  create table provider_calls (
    id text primary key, tenant_id text not null references tenants, connection_id text not null references connections,
    operation_id text, exchange text not null, method text not null, url text not null, status int,
    outcome text not null, reason text, duration_ms numeric(12,3), request jsonb, response jsonb,
    at timestamptz not null default now());
  create index provider_calls_operation on provider_calls (operation_id) where operation_id is not null;
  create index provider_calls_tenant on provider_calls (tenant_id, id desc);
  create index provider_calls_age on provider_calls (at);

  create table events (
    id text primary key, tenant_id text not null references tenants, connection_id text, type text not null,
    resource_type text not null, resource_id text not null, sequence int not null, data jsonb not null,
    created_at timestamptz not null default clock_timestamp(), fanned_out_at timestamptz);
  create unique index events_sequence on events (resource_id, sequence);
  create index events_tenant on events (tenant_id, id desc);
  create index events_pending on events (created_at) where fanned_out_at is null;
  create table event_sequences (resource_id text primary key, last int not null);
`;

// The last line of defence: whatever code comes later, a finished operation stays what it is.
const terminalGuard = `
  create function operations_terminal_guard() returns trigger language plpgsql as $$
  begin
    if old.state in ('succeeded','rejected','cancelled','expired') and new.state is distinct from old.state then
      raise exception 'operation % is % and cannot become %', old.id, old.state, new.state using errcode = 'check_violation';
    end if;
    return new;
  end $$;
  create trigger operations_terminal before update of state on operations
    for each row execute function operations_terminal_guard();
`;

// Written by Postgres itself: no change of state can be made without its line, and none costs a statement of its own.
const timeline = `
  create function operations_timeline() returns trigger language plpgsql as $$
  begin
    if tg_op = 'INSERT' or new.state is distinct from old.state then
      insert into operation_events (operation_id, tenant_id, state, detail)
      values (new.id, new.tenant_id, new.state, jsonb_strip_nulls(jsonb_build_object(
        'outcome', new.outcome, 'evidence', nullif(new.evidence, 'none'), 'attempt', nullif(new.attempts, 0), 'note', new.note)));
    end if;
    return null;
  end $$;
  create trigger operations_timeline after insert or update of state on operations
    for each row execute function operations_timeline();
`;
