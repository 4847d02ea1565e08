import { Database, createDataSource } from '#persistence';
import { createTestDatabase } from './database.js';

/** A database with the tenant `ten_1` and its connection `con_1`, for specs of a single store. */
export interface OneConnection {
  database: Database;
  close(): Promise<void>;
}

/** What an operation of that connection consists of when it is accepted. */
export const acceptedOperation = {
  id: 'opr_1',
  tenantId: 'ten_1',
  connectionId: 'con_1',
  kind: 'createRefund',
  lane: 'lane',
  laneClass: 'interactive',
  retryClass: 'unsafe',
  resourceType: 'refund',
  resourceId: 'rfd_1',
  merchantReference: null,
  contentHash: 'hash',
  customerLock: null,
  spend: false,
  serialKey: null,
  nonce: '00000000-0000-4000-8000-000000000001',
  ask: Buffer.from('ask'),
  expiresAt: null,
  steps: null,
} as const;

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
