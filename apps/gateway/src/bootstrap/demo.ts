import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { registry } from '#adapters';
import { scopes } from '#canonical';
import type { StoredConnection, Vault } from '#persistence';
import { keyPattern, newKey } from '../auth/key-hash.js';
import { laneFingerprint, sealCredentials } from '../connections/account.js';
import { leaveTrouble } from '../connections/change-connection.js';
import { insertConnection } from '../connections/create-connection.js';
import type { NewConnection } from '../connections/create-connection.js';
import type { OpenCore } from '../core.js';
import { demoKeyFile } from '../demo-key-file.js';
import { withPort } from '../settings-rules.js';
import { putKey } from './known-key.js';

/** Where the demo's providers and its key are. */
export interface DemoPlace {
  sandbox: { host: string; port: number };
  dataDir: string;
}

/** One connection per provider of the sandbox, and a key for them that the playground may show. Gives the key. */
export async function makeDemo(open: OpenCore, tenantId: string, place: DemoPlace): Promise<string> {
  const ids = new Map<string, string>();
  for (const { adapter, simulator } of Object.values(registry)) {
    const { basePath, demo } = await simulator();
    const { host, port } = place.sandbox;
    const baseUrl = `http://${withPort(host, port)}/${adapter.name}${basePath}`;
    const { credentials, settings } = demo;
    const { id } = await putConnection(open, tenantId, { adapter, baseUrl, credentials, settings });
    ids.set(adapter.name, id);
  }
  const key = await demoKeyIn(place.dataDir);
  await putKey(open, {
    tenantId,
    name: 'demo',
    key,
    scopes: scopes.filter(scope => scope !== 'platform'),
    defaultConnectionId: ids.get('uds'),
  });
  return key;
}

// The sandbox may have moved to another port since the last start; what a person changed otherwise stays.
async function putConnection(
  { core }: OpenCore,
  tenantId: string,
  demo: Omit<NewConnection, 'slug'>,
): Promise<StoredConnection> {
  const slug = demo.adapter.name;
  return core.database.transaction(async tx => {
    const stored = await core.stores.connections.find(tx, tenantId, slug);
    if (!stored) {
      const name = `${demo.adapter.title} in the sandbox`;
      return insertConnection(core, tx, tenantId, { ...demo, slug, name });
    }
    if (stored.baseUrl !== demo.baseUrl && isTheDemos(core.vault, stored, demo)) {
      const { baseUrl, credentials } = demo;
      const lane = laneFingerprint(core.vault, { provider: slug, baseUrl, credentials });
      const sealed = sealCredentials(core.vault, stored, credentials);
      await core.stores.connections.update(tx, stored.id, { baseUrl, lane, ...sealed });
      await leaveTrouble(core, tx, stored);
    }
    return stored;
  });
}

// A merchant's own account may have the demo's slug: its sales must not go to the sandbox. The lane tells the credentials
// without opening them, and where the sandbox was before, only the path tells.
function isTheDemos(vault: Vault, stored: StoredConnection, demo: Omit<NewConnection, 'slug'>): boolean {
  const { adapter, credentials } = demo;
  const { baseUrl, lane } = stored;
  if (new URL(baseUrl).pathname !== new URL(demo.baseUrl).pathname) return false;
  return lane === laneFingerprint(vault, { provider: adapter.name, baseUrl, credentials });
}

/** The demo's key, made at the first start; readable by its owner alone. */
async function demoKeyIn(dataDir: string): Promise<string> {
  const file = demoKeyFile(dataDir);
  const known = await readFile(file, 'utf8').catch(() => '');
  if (keyPattern.test(known.trim())) {
    await chmod(file, 0o600);
    return known.trim();
  }
  await mkdir(dataDir, { recursive: true });
  const key = newKey();
  await writeFile(`${file}.new`, `${key}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return key;
}
