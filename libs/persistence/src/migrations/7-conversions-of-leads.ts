import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A provider's list names leads alone: the sales to each are found by its id. */
export class ConversionsOfLeads1764000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create index records_lead on records (connection_id, (body->>'leadId')) where type = 'conversion'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index records_lead');
  }
}
