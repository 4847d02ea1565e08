import type { Adapter } from '#adapter-kit';
import { registry } from '#adapters';
import { Refusal } from '#canonical';
import type { ConnectionState } from '#canonical';
import { SealBroken } from '#persistence';
import type { StoredConnection, StoredOperation, Tx } from '#persistence';
import type { Core } from '../core/core.js';
import type { Lane } from '../lanes/lanes.js';

/** A connection ready for use: its adapter, its lane and its opened credentials, which live only as long as the call. */
export interface OpenConnection {
  id: string;
  tenantId: string;
  provider: string;
  slug: string;
  state: ConnectionState;
  baseUrl: string;
  settings: Record<string, unknown>;
  credentials: Record<string, string>;
  /** How far the provider's clock was ahead of ours when it last changed much. */
  clockSkewMs: number;
  /** The same by the newest answer that came through this object, at most; absent where that told no time. */
  freshSkewMs?: number;
  adapter: Adapter;
  lane: Lane;
  /** The request named none: it is the key's default, or the tenant's only one. */
  unnamed?: boolean;
  /** Why nothing can be sent through it any more; absent while it is open. */
  closed?: Refusal;
}

/** The columns by which a row belongs to a connection. */
export const belongingTo = ({ tenantId, id }: Pick<OpenConnection, 'id' | 'tenantId'>) => ({
  tenantId,
  connectionId: id,
});

/** Opens a stored connection. Throws `not-found` for one that was deleted, and `connection-credentials-invalid` for credentials that were moved or altered: nothing is sent with them. */
export function openConnection(core: Pick<Core, 'vault'>, stored: StoredConnection): OpenConnection {
  if (!stored.credentials || !stored.dataKey)
    throw new Refusal('not-found', { detail: `The connection ${stored.slug} was deleted.` });
  return connectionWith(stored, credentialsOf(core, stored));
}

/** A stored connection with credentials that are at hand: its own, or new ones that are to be tried. */
export function connectionWith(
  stored: StoredConnection,
  credentials: Record<string, string>,
): OpenConnection {
  const registration = registry[stored.provider];
  if (!registration) throw new Error(`No adapter for provider ${stored.provider}.`);
  const { adapter } = registration;
  return {
    id: stored.id,
    tenantId: stored.tenantId,
    provider: stored.provider,
    slug: stored.slug,
    state: stored.state,
    baseUrl: stored.baseUrl,
    // The class gives what a merchant left out its default.
    settings: Object.assign(new adapter.settings(), stored.settings),
    credentials,
    clockSkewMs: stored.clockSkewMs,
    adapter,
    lane: laneOf(adapter, stored),
  };
}

function credentialsOf(
  { vault }: Pick<Core, 'vault'>,
  { tenantId, id, slug, credentials, dataKey }: StoredConnection,
): Record<string, string> {
  try {
    return vault.openWith(dataKey!, `${tenantId}/${id}`, credentials!);
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    throw new Refusal('connection-credentials-invalid', {
      detail: `The stored credentials of ${slug} cannot be decrypted: they were altered, moved, or encrypted with another key. Nothing was sent. Set them again with POST /v1/connections/${slug}/credentials.`,
      cause: error,
    });
  }
}

/** The values that no log may show: every text of the credentials. */
export const secretsOf = ({ credentials }: Pick<OpenConnection, 'credentials'>): string[] =>
  Object.values(credentials).filter(value => typeof value === 'string' && value.length > 0);

/** The lane of a connection: its fingerprint, and the provider's law or the slower one that the merchant chose. */
export function laneOf(adapter: Adapter, stored: Pick<StoredConnection, 'lane' | 'requestsPerSecond'>): Lane {
  const { requests, perMs } = adapter.rateLimit;
  if (stored.requestsPerSecond === null) return { fingerprint: stored.lane, requests, perMs };
  return {
    fingerprint: stored.lane,
    requests: Math.min(requests, stored.requestsPerSecond),
    perMs,
    most: requests,
  };
}

/** Opens a connection by id for an operation that is under way. */
export async function connectionById(core: Core, tx: Tx, id: string): Promise<OpenConnection> {
  const stored = await core.stores.connections.byId(tx, id);
  if (!stored) throw new Error(`The connection ${id} is gone.`);
  return openConnection(core, stored);
}

/** The connection of an operation that is under way; `undefined` once it was deleted. */
export async function connectionOf(
  core: Core,
  { connectionId }: Pick<StoredOperation, 'connectionId'>,
  tx: Tx = core.database.direct,
): Promise<OpenConnection | undefined> {
  try {
    return await connectionById(core, tx, connectionId);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'not-found') return undefined;
    throw error;
  }
}

/** The connection of an operation that nothing is sent for: without credentials, so that it is told of also where they do not open. `undefined` once it was deleted. */
export async function sealedConnectionOf(
  core: Core,
  { connectionId }: Pick<StoredOperation, 'connectionId'>,
  tx: Tx = core.database.direct,
): Promise<OpenConnection | undefined> {
  const stored = await core.stores.connections.byId(tx, connectionId);
  return stored?.credentials ? connectionWith(stored, {}) : undefined;
}

/** A connection that is paused, or closed, refuses before anything is accepted. */
export function assertCallable(connection: Pick<OpenConnection, 'state' | 'slug' | 'closed'>): void {
  if (connection.closed) throw connection.closed;
  if (connection.state === 'paused') {
    throw new Refusal('connection-paused', {
      detail: `The connection ${connection.slug} is paused; resume it with POST /v1/connections/${connection.slug}/resume.`,
    });
  }
}
