import { scopes } from '#canonical';
import { VaultCheckStore } from '#persistence';
import type { OpenCore } from '../core.js';
import type { Settings } from '../settings.js';
import { makeDemo } from './demo.js';
import { putKey } from './known-key.js';

/** What a start has made ready. */
export interface Bootstrapped {
  /** Fills the playground; absent where there is no sandbox. */
  demoKey?: string;
}

/**
 * Makes a database ready to be used, at every start: proves the master key, makes the default tenant, its first key and,
 * beside a sandbox, the demo. Throws a sentence when the database was sealed with another master key.
 */
export async function bootstrap(open: OpenCore, settings: Settings): Promise<Bootstrapped> {
  const { core, tenants } = open;
  await new VaultCheckStore().verify(core.database.direct, core.vault);
  const tenant = await tenants.ensure(core.database.direct, 'default', 'Default');
  if (settings.bootstrapKey !== undefined) {
    await putKey(open, { tenantId: tenant.id, name: 'bootstrap', key: settings.bootstrapKey, scopes });
  }
  if (!settings.sandbox) return {};
  return {
    demoKey: await makeDemo(open, tenant.id, { sandbox: settings.sandbox, dataDir: settings.dataDir }),
  };
}
