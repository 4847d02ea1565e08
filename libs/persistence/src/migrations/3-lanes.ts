import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is known of lanes beside their limit: who is turned away, what is in trouble, and which have work that is due. */
export class Lanes1764000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(states);
    await runner.query(due);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index operations_due');
    await runner.query('drop table lane_states');
  }
}

// A row stands only while there is something to say; no row = a lane that is well.
const states = `
  create table lane_states (
    lane text primary key, saturated_at timestamptz, refused_at timestamptz, degraded_until timestamptz);
`;

// The sweep asks for lanes, not for rows: ten thousand rows of one lane are one answer.
const due = `create index operations_due on operations (lane, wake_at) where state = 'queued'`;
