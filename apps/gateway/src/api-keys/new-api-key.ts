import { Refusal, fieldRefusal, newId } from '#canonical';
import type { ApiKeyCreate } from '#canonical';
import type { TenantStore } from '#persistence';
import type { Caller } from '../auth/caller.js';
import { hashOf, newKey, prefixOf } from '../auth/key-hash.js';
import type { OpenCore } from '../core.js';

/** A key to be stored, and the key itself for the one time that it is shown. */
export interface NewApiKey {
  row: Parameters<TenantStore['insertKey']>[1] & { createdAt: Date };
  key: string;
}

/** Checks the scopes of a new key: no caller can grant more than it has, and only the platform creates keys for other tenants. */
export async function newApiKey(open: OpenCore, caller: Caller, body: ApiKeyCreate): Promise<NewApiKey> {
  const tenantId = await tenantFor(open, caller, body.tenantId);
  assertOwn(caller, body);
  const expiresAt = body.expiresAt === undefined ? null : new Date(body.expiresAt);
  if (expiresAt && expiresAt <= open.core.now())
    throw fieldRefusal('/expiresAt', 'This time is in the past.');
  const key = newKey();
  const row = {
    id: newId('key'),
    tenantId,
    name: body.name,
    hash: hashOf(key),
    prefix: prefixOf(key),
    scopes: [...new Set(body.scopes)],
    defaultConnectionId: await connectionFor(open, tenantId, body.defaultConnection),
    expiresAt,
    createdAt: open.core.now(),
  };
  return { row, key };
}

async function tenantFor({ core, tenants }: OpenCore, caller: Caller, asked?: string): Promise<string> {
  if (asked === undefined || asked === caller.tenantId) return caller.tenantId;
  if (!caller.scopes.includes('platform')) {
    throw new Refusal('scope-missing', { detail: 'A key for another tenant requires the scope `platform`.' });
  }
  if (await tenants.find(core.database.direct, asked)) return asked;
  throw fieldRefusal('/tenantId', 'This tenant does not exist.');
}

function assertOwn(caller: Caller, { scopes }: ApiKeyCreate): void {
  const more = scopes.filter(scope => !caller.scopes.includes(scope));
  if (more.length === 0) return;
  throw new Refusal('scope-missing', {
    detail: `Your own key does not have ${more.join(', ')}, so it cannot grant it.`,
  });
}

async function connectionFor({ core }: OpenCore, tenantId: string, asked?: string): Promise<string | null> {
  if (asked === undefined) return null;
  const found = await core.stores.connections.find(core.database.direct, tenantId, asked);
  if (found) return found.id;
  throw fieldRefusal(
    '/defaultConnection',
    'There is no such connection: send the id or slug of one that `GET /v1/connections` lists.',
  );
}
