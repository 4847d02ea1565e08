import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What has served its time, and what a person must look at, is found without reading what is kept for years; events of a lane are counted for each of its tenants. */
export class Tidy1764000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(open);
    await runner.query(kept);
    await runner.query(served);
    await runner.query(counted);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index events_sequence');
    await runner.query('create unique index events_sequence on events (resource_id, sequence)');
    await runner.query('drop index operations_open, operations_kept, records_sealed, deliveries_age');
    await runner.query(`create index deliveries_age on deliveries (created_at) where status <> 'pending'`);
  }
}

// The states of lists that are asked for and rare; a write that goes well never stands in it.
const open = `
  create index operations_open on operations (tenant_id, state, id desc)
    where state in ('unknown','needs-review','cancelled','expired');
`;

const kept = `
  create index operations_kept on operations (finished_at) where result is not null;
  create index records_sealed on records (expires_at) where sealed is not null;
`;

// A test's delivery whose process died has no next try, and is served as well.
const served = `
  drop index deliveries_age;
  create index deliveries_age on deliveries (created_at) where status <> 'pending' or next_at is null;
`;

// The counters of lanes go on where each tenant's events stand.
const counted = `
  drop index events_sequence;
  create unique index events_sequence on events (tenant_id, resource_id, sequence);
  insert into event_sequences (resource_id, last)
    select resource_id || ' ' || tenant_id, max(sequence) from events where resource_type = 'lane' group by 1;
  delete from event_sequences where resource_id in (select resource_id from events where resource_type = 'lane');
`;
