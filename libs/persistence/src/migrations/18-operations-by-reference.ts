import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A tenant's operations are found by their reference: what a person has in hand is a receipt. */
export class OperationsByReference1764000000018 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create index operations_by_reference on operations (tenant_id, merchant_reference, id)
      where merchant_reference is not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index operations_by_reference');
  }
}
