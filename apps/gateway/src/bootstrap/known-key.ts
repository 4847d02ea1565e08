import { newId } from '#canonical';
import type { Scope } from '#canonical';
import { hashOf, newKey, prefixOf } from '../auth/key-hash.js';
import type { OpenCore } from '../core.js';

/** A key that is known outside and must work after every start. */
export interface KnownKey {
  tenantId: string;
  name: string;
  key: string;
  scopes: readonly Scope[];
  defaultConnectionId?: string;
}

/** Writes a known key, or gives it its scopes again. */
export async function putKey({ core, tenants }: OpenCore, known: KnownKey): Promise<void> {
  await tenants.upsertKey(core.database.direct, rowOf(known));
}

/** Makes the first key of a database that has none, and gives it; of several processes that start at once, to one of them. */
export async function makeFirstKey(
  { core, tenants }: OpenCore,
  first: Omit<KnownKey, 'key'>,
): Promise<string | undefined> {
  const key = newKey();
  const row = rowOf({ ...first, key });
  const made = await core.database.transaction(tx => tenants.insertFirstKey(tx, row));
  return made ? key : undefined;
}

const rowOf = (known: KnownKey) => ({
  id: newId('key'),
  tenantId: known.tenantId,
  name: known.name,
  hash: hashOf(known.key),
  prefix: prefixOf(known.key),
  scopes: [...known.scopes],
  defaultConnectionId: known.defaultConnectionId ?? null,
  expiresAt: null,
});
