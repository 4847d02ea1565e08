import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Connections of one tenant to a merchant's own address see one ledger, whatever their keys: one with a new key is still found beside the others. */
export class OwnSites1764000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table connections add column own_site boolean not null default false`);
    // The providers that had no address of their own when this was written; the adapter says so for every new row.
    await runner.query(`update connections set own_site = true where provider in ('loyalclient', 'pp')`);
    await runner.query(
      `create index connections_site on connections (base_url) where own_site and deleted_at is null`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table connections drop column own_site`);
  }
}
