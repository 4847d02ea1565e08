import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A line of the timeline is written into one index instead of two: nothing seeks a line but by its operation. */
export class TimelineKey1764000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(keyed('operation_id, id'));
    await runner.query('drop index operation_events_operation');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(keyed('id'));
    await runner.query('create index operation_events_operation on operation_events (operation_id, id)');
  }
}

const keyed = (columns: string): string => `
  alter table operation_events drop constraint operation_events_pkey, add primary key (${columns});
`;
