import type { MigrationInterface, QueryRunner } from 'typeorm';

/** For `TurnStore`: the queued operations of a serial key, oldest first. */
export class Turns1764000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create index operations_turn on operations (lane, serial_key, created_at, id) where serial_key is not null and state = 'queued'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index operations_turn');
  }
}
