import type { ApiKey, Scope } from '#canonical';
import type { StoredApiKey } from '#persistence';

/** A key as the API shows it: everything but the key itself. */
export function apiKeyView(
  stored: Pick<
    StoredApiKey,
    'id' | 'name' | 'scopes' | 'tenantId' | 'defaultConnectionId' | 'createdAt' | 'expiresAt' | 'lastUsedAt'
  >,
): ApiKey {
  const { id, name, scopes, tenantId, defaultConnectionId, createdAt, expiresAt, lastUsedAt } = stored;
  return {
    id,
    name,
    scopes: scopes as Scope[],
    tenantId,
    ...(defaultConnectionId !== null && { defaultConnectionId }),
    createdAt: createdAt.toISOString(),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
    ...(lastUsedAt && { lastUsedAt: lastUsedAt.toISOString() }),
  };
}
