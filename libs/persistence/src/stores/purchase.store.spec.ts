import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { Database, createDataSource } from '../database.js';
import { PurchaseStore } from './purchase.store.js';
import { isUnmet } from './statement.js';

let server: TestDatabase;
let database: Database;
beforeAll(async () => {
  server = await createTestDatabase();
  // One connection: what it has prepared is used again.
  database = new Database(await createDataSource(server.url, 1).initialize());
});
afterAll(async () => {
  await database.source.destroy();
  await server.drop();
});

it('goes on in a process that runs while a newer version adds a column', async () => {
  const [purchases, tx] = [new PurchaseStore(), database.direct];
  const done = { result: {}, warnings: [], connectionId: 'con_none', refs: {} };
  const run = async () => [
    await purchases.shown(tx, 'opr_none'),
    await purchases.complete(tx, 'pur_none', done).catch(String),
    await purchases.completeOrRefuse(tx, 'pur_none', done).catch(error => isUnmet(error, 'nothing-else')),
  ];
  const before = await run();
  expect(before).toEqual([undefined, 'Error: There is no purchase pur_none to complete.', true]);
  await tx.query('alter table purchases add column later text');
  expect(await run()).toEqual(before);
});
