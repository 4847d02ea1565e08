import { newId } from '#canonical';
import type { Scope } from '#canonical';
import { hashOf, prefixOf } from '../auth/key-hash.js';
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
  await tenants.upsertKey(core.database.direct, {
    id: newId('key'),
    tenantId: known.tenantId,
    name: known.name,
    hash: hashOf(known.key),
    prefix: prefixOf(known.key),
    scopes: [...known.scopes],
    defaultConnectionId: known.defaultConnectionId ?? null,
    expiresAt: null,
  });
}
