import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A statement can say what it expects of its own rows: where that is not so, Postgres refuses it, and with it the transaction whose COMMIT is on its way already. */
export class Expectations1764000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function expected(met boolean, what text) returns boolean language plpgsql as $$
      begin
        if met is not true then
          raise exception 'expected: %', what using errcode = 'LG001', constraint = what;
        end if;
        return true;
      end $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function expected(boolean, text)');
  }
}
