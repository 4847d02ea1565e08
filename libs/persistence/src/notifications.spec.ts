import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../../../test/support/database.js';
import type { TestDatabase } from '../../../test/support/database.js';
import { eventListener } from './event-notifications.js';
import { OperationNotifications } from './notifications.js';

let server: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  server = await createTestDatabase();
  client = new pg.Client({ connectionString: server.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await server.drop();
});

const listeners = async () => {
  const { rowCount } = await client.query(
    `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  );
  return rowCount;
};

it.each([
  ['operations', (url: string) => new OperationNotifications(url)],
  ['events', (url: string) => eventListener(url, () => undefined)],
])('of %s leave no connection behind when they are closed while they open', async (_what, of) => {
  const notifications = of(server.url);
  const opening = notifications.open();
  await notifications.close();
  await opening;
  await expect.poll(listeners).toBe(0);
});
