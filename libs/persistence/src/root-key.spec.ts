import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../../test/support/database.js';
import type { TestDatabase } from '../../../test/support/database.js';
import { Database, createDataSource } from './database.js';
import { RootKeyStore, WrongMasterKey } from './stores/root-key.store.js';
import { Vault } from './vault.js';

describe('the root key', () => {
  const [masterKey, other] = [randomBytes(32), randomBytes(32)];
  const store = new RootKeyStore();
  let server: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    server = await createTestDatabase();
    database = new Database(await createDataSource(server.url, 4).initialize());
  });
  afterEach(() => database.direct.query('delete from root_key'));
  afterAll(async () => {
    await database.source.destroy();
    await server.drop();
  });

  it('stays the same, and opens with its master key only', async () => {
    const { rootKey, resealed } = await store.open(database.direct, { masterKey });
    expect([rootKey.length, resealed]).toEqual([32, false]);
    expect(await store.open(database.direct, { masterKey })).toEqual({ rootKey, resealed: false });
    await expect(store.open(database.direct, { masterKey: other })).rejects.toThrow(WrongMasterKey);
    const wrong = { masterKey: other, previousMasterKey: randomBytes(32) };
    await expect(store.open(database.direct, wrong)).rejects.toThrow(WrongMasterKey);
    expect(await store.open(database.direct, { masterKey })).toEqual({ rootKey, resealed: false });
  });

  it('is one for all processes that start at once on a new database', async () => {
    const opened = await Promise.all(
      Array.from({ length: 4 }, () => store.open(database.direct, { masterKey })),
    );
    expect(new Set(opened.map(({ rootKey }) => rootKey.toString('hex'))).size).toBe(1);
  });

  it('outlives its master key: the previous one seals it no longer', async () => {
    const { rootKey } = await store.open(database.direct, { masterKey });
    const replaced = { masterKey: other, previousMasterKey: masterKey };
    expect(await store.open(database.direct, replaced)).toEqual({ rootKey, resealed: true });
    await expect(store.open(database.direct, { masterKey })).rejects.toThrow(WrongMasterKey);
    // The setting may stay until all processes were started with it.
    expect(await store.open(database.direct, replaced)).toEqual({ rootKey, resealed: false });
  });

  it('is the master key itself where a database was sealed before there were root keys', async () => {
    const proof = new Vault(masterKey).seal('check', 'vault', 'sealed');
    await database.direct.query('insert into root_key (id, sealed) values (1, $1)', [proof]);
    const unchanged = { rootKey: masterKey, resealed: false };
    expect(await store.open(database.direct, { masterKey })).toEqual(unchanged);
    const replaced = { masterKey: other, previousMasterKey: masterKey };
    expect(await store.open(database.direct, replaced)).toEqual({ rootKey: masterKey, resealed: true });
    expect(await store.open(database.direct, { masterKey: other })).toEqual(unchanged);
  });
});
