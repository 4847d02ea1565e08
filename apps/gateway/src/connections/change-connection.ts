import { Refusal } from '#canonical';
import { openConnection } from '#outbound';
import type { ConnectionCheck, ConnectionPatch, ConnectionState } from '#canonical';
import type { StoredConnection, Tx } from '#persistence';
import type { Core, OpenCore } from '../core.js';
import { unlessTaken } from '../http/conflict.js';
import { adapterOf, baseUrlFor, laneFingerprint, readSettingsOf } from './account.js';
import { slugTaken } from './create-connection.js';

type Change = Parameters<Core['stores']['connections']['update']>[2];

/** Judges a patch and gives the columns that change; a new address may mean a new lane. */
export async function changeOf(
  { core, guard }: Pick<OpenCore, 'core' | 'guard'>,
  stored: StoredConnection,
  patch: ConnectionPatch,
): Promise<Change> {
  const adapter = adapterOf(stored.provider);
  const { slug, name, settings, rateLimit, baseUrl } = patch;
  return {
    ...(slug !== undefined && { slug }),
    ...(name !== undefined && { name }),
    ...(settings !== undefined && { settings: readSettingsOf(adapter, settings) }),
    ...(rateLimit !== undefined && { requestsPerSecond: rateLimit.requestsPerSecond }),
    ...(baseUrl !== undefined &&
      (await addressChange(core, stored, await baseUrlFor(guard, adapter, baseUrl)))),
  };
}

async function addressChange(core: Core, stored: StoredConnection, baseUrl: string): Promise<Change> {
  const { credentials, provider } = openConnection(core, stored);
  return { baseUrl, lane: laneFingerprint(core.vault, { provider, baseUrl, credentials }) };
}

/** The row as it stands now, held until the transaction ends: a probe takes seconds, in which it may be paused, changed or deleted. Throws `not-found`, or `state-conflict` where a new lane was reckoned from an address or credentials that are no longer its own. */
export async function holdConnection(
  core: Core,
  tx: Tx,
  seen: StoredConnection,
  change: Change = {},
): Promise<StoredConnection> {
  const stored = await core.stores.connections.lock(tx, seen.id);
  if (!stored) throw new Refusal('not-found');
  if (change.lane !== undefined && (stored.lane !== seen.lane || stored.baseUrl !== seen.baseUrl))
    throw new Refusal('state-conflict', {
      detail:
        'The address or the credentials of this connection were changed meanwhile; look at it and repeat.',
    });
  return stored;
}

/** Writes changed columns and gives the row; 409 when its new slug is taken, 404 once it was deleted. */
export async function writeChange(
  core: Core,
  tx: Tx,
  stored: StoredConnection,
  change: Change,
): Promise<StoredConnection> {
  await unlessTaken(
    core.stores.connections.update(tx, stored.id, change),
    slugTaken(change.slug ?? stored.slug),
  );
  const changed = await core.stores.connections.find(tx, stored.tenantId, stored.id);
  if (!changed) throw new Refusal('not-found');
  return changed;
}

/** Moves a connection's state and tells it; nothing happens when it is there already. */
export async function moveConnection(
  core: Core,
  tx: Tx,
  stored: StoredConnection,
  state: ConnectionState,
): Promise<void> {
  if (!(await core.stores.connections.moveState(tx, stored.id, state, null))) return;
  await core.stores.events.append(tx, {
    tenantId: stored.tenantId,
    connectionId: stored.id,
    type: 'connection.state-changed',
    resourceType: 'connection',
    resourceId: stored.id,
    data: { state },
  });
}

/** What a probe showed, as it is kept with the connection. */
export const keptCheck = (check: ConnectionCheck): Pick<Change, 'lastCheck'> => ({ lastCheck: { ...check } });
