import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which purchase a hold belongs to, which operations put it in doubt, and when the provider is next asked about it. */
export class Holds1764000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(holds);
    await runner.query(balances);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index operations_customer');
    await runner.query('drop index holds_probe, holds_doubted, holds_bound');
    await runner.query(
      'alter table holds drop column bound_to, drop column doubted_by, drop column probe_at, drop column probes',
    );
  }
}

const holds = `
  alter table holds add column bound_to text, add column doubted_by text[] not null default '{}',
    add column probe_at timestamptz, add column probes int not null default 0;
  create index holds_probe on holds (probe_at) where state = 'doubtful' and probe_at is not null;
  create index holds_doubted on holds using gin (doubted_by) where state = 'doubtful';
  create index holds_bound on holds (bound_to) where bound_to is not null;
`;

// What moves one customer's balance: asked before points are promised and before a balance is taken for evidence.
const balances = `create index operations_customer on operations (connection_id, customer_lock) where customer_lock is not null`;
