import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was sealed to prove the master key gives way to the key that everything else is sealed with (`RootKeyStore` reads both). */
export class RootKey1764000000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table vault_check rename to root_key`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table root_key rename to vault_check`);
  }
}
