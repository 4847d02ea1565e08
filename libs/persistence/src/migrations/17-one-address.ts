import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Addresses of providers are written in one way (case of the host, default port, final slash), since a ledger is recognised by its address. */
export class OneAddress1764000000017 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const rows: { id: string; base_url: string }[] = await runner.query(
      'select id, base_url from connections order by id',
    );
    for (const { id, base_url: url } of rows) {
      const address = URL.canParse(url) ? new URL(url).href.replace(/\/+$/, '') : url;
      if (address !== url)
        await runner.query('update connections set base_url = $2 where id = $1', [id, address]);
    }
  }

  async down(): Promise<void> {
    // Both forms lead to the same place.
  }
}
