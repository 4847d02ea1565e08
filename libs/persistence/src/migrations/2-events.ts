import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who wants to be told of events, and what became of telling them. */
export class Events1764000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(subscriptions);
    await runner.query(deliveries);
    await runner.query(wakeUp);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop trigger events_written on events');
    await runner.query('drop function events_written()');
    await runner.query('drop table deliveries');
    await runner.query('drop table subscriptions');
  }
}

const subscriptions = `
  create table subscriptions (
    id text primary key, tenant_id text not null references tenants,
    target_type text not null check (target_type in ('webhook','queue')), url text, queue_name text, events text[] not null,
    secret bytea, previous_secret bytea, previous_until timestamptz,
    state text not null default 'active' check (state in ('active','disabled','deleted')), disabled_reason text,
    failing_since timestamptz, pump_owner text, pump_until timestamptz,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now());
  create index subscriptions_tenant on subscriptions (tenant_id, id desc) where state <> 'deleted';
`;

const deliveries = `
  create table deliveries (
    id text primary key, tenant_id text not null references tenants,
    subscription_id text not null references subscriptions, event_id text not null references events,
    event_type text not null, status text not null default 'pending' check (status in ('pending','delivered','dead')),
    attempts int not null default 0, next_at timestamptz, last_status int, last_error text, delivered_at timestamptz,
    created_at timestamptz not null default now());
  create unique index deliveries_once on deliveries (event_id, subscription_id);
  create index deliveries_due on deliveries (subscription_id, next_at, id) where status = 'pending';
  create index deliveries_waiting on deliveries (next_at) where status = 'pending';
  create index deliveries_tenant on deliveries (tenant_id, id desc);
  create index deliveries_subscription on deliveries (subscription_id, id desc);
  create index deliveries_age on deliveries (created_at) where status <> 'pending';
  create index events_age on events (created_at) where fanned_out_at is not null;
`;

// One message per transaction, whatever the number of its events: Postgres folds equal ones together.
const wakeUp = `
  create function events_written() returns trigger language plpgsql as $$
  begin
    perform pg_notify('events_written', '');
    return null;
  end $$;
  create trigger events_written after insert on events for each statement execute function events_written();
`;
