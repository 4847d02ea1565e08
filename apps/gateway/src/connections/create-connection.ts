import type { Adapter } from '#adapter-kit';
import { newId } from '#canonical';
import type { ConnectionCreate } from '#canonical';
import type { StoredConnection, Tx } from '#persistence';
import type { Core, OpenCore } from '../core.js';
import { unlessTaken } from '../http/conflict.js';
import {
  adapterOf,
  baseUrlFor,
  laneFingerprint,
  readCredentials,
  readSettingsOf,
  sealCredentials,
} from './account.js';
import type { Credentials } from './account.js';

/** A connection that was judged and may be written. */
export interface NewConnection {
  adapter: Adapter;
  baseUrl: string;
  settings: Record<string, unknown>;
  credentials: Credentials;
  slug?: string;
  name?: string;
  requestsPerSecond?: number;
}

/** Judges what a caller asks for: provider, settings, credentials, and the address that would be called. */
export async function judge(
  { guard }: Pick<OpenCore, 'guard'>,
  body: ConnectionCreate,
): Promise<NewConnection> {
  const adapter = adapterOf(body.provider);
  return {
    adapter,
    settings: readSettingsOf(adapter, body.settings),
    credentials: readCredentials(adapter, body.credentials),
    baseUrl: await baseUrlFor(guard, adapter, body.baseUrl),
    slug: body.slug,
    name: body.name,
    requestsPerSecond: body.rateLimit?.requestsPerSecond,
  };
}

/** Writes a connection and gives the row; 409 when its slug is taken. */
export async function insertConnection(
  core: Core,
  tx: Tx,
  tenantId: string,
  fresh: NewConnection,
): Promise<StoredConnection> {
  const { adapter, baseUrl, credentials } = fresh;
  const id = newId('con');
  const slug = fresh.slug ?? (await freeSlug(core, tx, { tenantId, id, provider: adapter.name }));
  const row = {
    id,
    tenantId,
    provider: adapter.name,
    slug,
    name: fresh.name ?? null,
    baseUrl,
    ownSite: adapter.baseUrl === undefined,
    settings: fresh.settings,
    ...sealCredentials(core.vault, { tenantId, id }, credentials),
    lane: laneFingerprint(core.vault, { provider: adapter.name, baseUrl, credentials }),
    requestsPerSecond: fresh.requestsPerSecond ?? null,
    state: 'callable' as const,
    stateReason: null,
    lastCheck: null,
    pausedBy: null,
  };
  await unlessTaken(core.stores.connections.insert(tx, row), slugTaken(slug));
  return (await core.stores.connections.find(tx, tenantId, id))!;
}

/** The sentence of a 409 for a slug. */
export const slugTaken = (slug: string): string => `Another connection already has the slug ${slug}.`;

// The provider's name for the first one; for others followed by the end of the id, which is unique.
async function freeSlug(
  core: Core,
  tx: Tx,
  { tenantId, id, provider }: { tenantId: string; id: string; provider: string },
): Promise<string> {
  const taken = await core.stores.connections.find(tx, tenantId, provider);
  return taken ? `${provider}-${id.slice(-6)}` : provider;
}
