import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A lost payout is told apart from the others of its account, among records of every kind. */
export class Payouts1764000000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create index records_payout on records (connection_id) where type = 'payout'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index records_payout');
  }
}
