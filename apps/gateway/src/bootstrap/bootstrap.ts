import { scopes } from '#canonical';
import { DEFAULT_TENANT_SLUG } from '#events';
import type { OpenCore } from '../core.js';
import type { Settings } from '../settings.js';
import { makeDemo } from './demo.js';
import { makeFirstKey, putKey } from './known-key.js';

/** What a start has made ready. */
export interface Bootstrapped {
  /** Fills the playground; absent where there is no sandbox. */
  demoKey?: string;
  /** The first key, where none was given and the database had none: it is shown now or never. */
  firstKey?: string;
}

/**
 * Makes a database ready to be used, at every start: the default tenant, its first key and, beside a sandbox, the demo.
 */
export async function bootstrap(open: OpenCore, settings: Settings): Promise<Bootstrapped> {
  const { core, tenants } = open;
  const tenant = await tenants.ensure(core.database.direct, DEFAULT_TENANT_SLUG, 'Default');
  const firstKey = await putBootstrapKey(open, tenant.id, settings.bootstrapKey);
  if (!settings.sandbox) return { firstKey };
  const { sandbox, dataDir } = settings;
  return { firstKey, demoKey: await makeDemo(open, tenant.id, { sandbox, dataDir }) };
}

/** Gives the key that was made, if it was. */
async function putBootstrapKey(open: OpenCore, tenantId: string, key?: string): Promise<string | undefined> {
  const bootstrapKey = { tenantId, name: 'bootstrap', scopes };
  if (key === undefined) return makeFirstKey(open, bootstrapKey);
  await putKey(open, { ...bootstrapKey, key });
  return undefined;
}
