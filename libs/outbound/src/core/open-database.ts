import { Database, RootKeyStore, Vault, createDataSource } from '#persistence';
import type { CoreSettings } from './create-core.js';

/** Connects to the database and opens its root key. Throws `WrongMasterKey`. */
export async function openDatabase(settings: CoreSettings): Promise<{ database: Database; vault: Vault }> {
  const source = await createDataSource(settings.databaseUrl, settings.poolSize ?? 10).initialize();
  const database = new Database(source);
  try {
    return { database, vault: await openVault(database, settings) };
  } catch (error) {
    await source.destroy();
    throw error;
  }
}

async function openVault({ direct }: Database, settings: CoreSettings): Promise<Vault> {
  const { rootKey, resealed } = await new RootKeyStore().open(direct, settings);
  const replaced = 'MASTER_KEY has replaced the previous one: processes that start from now on need it';
  if (resealed) settings.log('warn', replaced);
  return new Vault(rootKey);
}
