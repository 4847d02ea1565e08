import { Database, createDataSource } from '#persistence';
import { createTestDatabase } from './database.js';

/** A database with the tenant `ten_1` and its connection `con_1`, for specs of a single store. */
export interface OneConnection {
  database: Database;
  close(): Promise<void>;
}

/** Opens it, with so many connections to Postgres. */
export async function openOneConnection(poolSize: number): Promise<OneConnection> {
  const server = await createTestDatabase();
  const database = new Database(await createDataSource(server.url, poolSize).initialize());
  await database.direct.query(`insert into tenants (id, slug, name) values ('ten_1', 'one', 'One')`);
  await database.direct.query(
    `insert into connections (id, tenant_id, provider, slug, base_url, lane) values ('con_1', 'ten_1', 'uds', 'one', 'https://one', 'lane')`,
  );
  const close = async () => {
    await database.source.destroy();
    await server.drop();
  };
  return { database, close };
}
