import type { Adapter } from '#adapter-kit';
import { Refusal, fieldRefusal } from '#canonical';
import { moveConnection, openConnection } from '#outbound';
import type { ConnectionPatch } from '#canonical';
import type { OpenTx, StoredConnection, Tx } from '#persistence';
import type { Core, OpenCore } from '../core.js';
import { unlessTaken } from '../http/conflict.js';
import { found } from '../http/found.js';
import {
  adapterOf,
  baseUrlFor,
  isOtherAccount,
  laneFingerprint,
  readCredentials,
  readSettingsOf,
  sealCredentials,
} from './account.js';
import type { Credentials } from './account.js';
import { slugTaken } from './create-connection.js';

type Change = Parameters<Core['stores']['connections']['update']>[2];

/** Judges a patch and gives the columns that change; a new address may mean a new lane, and one elsewhere needs new credentials. */
export async function changeOf(
  { core, guard }: Pick<OpenCore, 'core' | 'guard'>,
  stored: StoredConnection,
  patch: ConnectionPatch,
): Promise<Change> {
  const adapter = adapterOf(stored.provider);
  const { slug, name, settings, rateLimit, baseUrl, credentials } = patch;
  const address = baseUrl === undefined ? stored.baseUrl : await baseUrlFor(guard, adapter, baseUrl);
  return {
    ...(slug !== undefined && { slug }),
    ...(name !== undefined && { name }),
    ...(settings !== undefined && { settings: readSettingsOf(adapter, settings) }),
    ...(rateLimit !== undefined && { requestsPerSecond: rateLimit.requestsPerSecond }),
    ...(isElsewhere(stored.baseUrl, address) && (credentials || !isLocalMove(stored.baseUrl, address))
      ? moveTo(core, stored, address, credentialsFor(adapter, address, credentials))
      : addressChange(core, stored, patch, address)),
  };
}

// Whoever changes an address cannot read the credentials, and would get them sent to an address of their choice.
const isElsewhere = (from: string, to: string): boolean => new URL(from).origin !== new URL(to).origin;

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

// From one port of this machine to another, as from the sandbox to a simulator of one's own: nothing leaves the machine.
const isLocalMove = (from: string, to: string): boolean =>
  [from, to].every(url => LOOPBACK.test(new URL(url).hostname));

function credentialsFor(adapter: Adapter, address: string, given?: Record<string, unknown>): Credentials {
  if (given !== undefined) return readCredentials(adapter, given);
  throw fieldRefusal(
    '/credentials',
    `Stored credentials are sent only to the scheme, host and port they were given for: include the credentials for ${new URL(address).origin} in the same request.`,
  );
}

// What was learned at the old address says nothing of the new one.
const moveTo = (core: Core, stored: StoredConnection, baseUrl: string, credentials: Credentials): Change => ({
  baseUrl,
  ...sealCredentials(core.vault, stored, credentials),
  lane: laneFingerprint(core.vault, { provider: stored.provider, baseUrl, credentials }),
  lastCheck: null,
  clockSkewMs: 0,
});

function addressChange(
  core: Core,
  stored: StoredConnection,
  patch: ConnectionPatch,
  baseUrl: string,
): Change {
  if (patch.credentials !== undefined)
    throw fieldRefusal(
      '/credentials',
      'Credentials for the same address are changed with POST /v1/connections/{id}/credentials, which checks them first.',
    );
  if (patch.baseUrl === undefined) return {};
  const { credentials, provider } = openConnection(core, stored);
  return { baseUrl, lane: laneFingerprint(core.vault, { provider, baseUrl, credentials }) };
}

/** Writes a patch: a connection moved elsewhere, or to another account, loses the consents of its end users and the check of its old credentials. */
export async function writePatch(
  core: Core,
  tx: OpenTx,
  seen: StoredConnection,
  change: Change,
): Promise<StoredConnection> {
  const stored = await holdConnection(core, tx, seen, change);
  const { baseUrl, credentials, settings } = change;
  const other = settings !== undefined && isOtherAccount(core, stored, { settings });
  if (other || (baseUrl && isElsewhere(stored.baseUrl, baseUrl)))
    await assertNothingInDoubt(core, tx, stored);
  if (other || credentials !== undefined) await core.stores.connections.wipeTokens(tx, stored.id);
  if (credentials !== undefined && stored.state === 'invalid')
    await moveConnection(core, tx, stored, { state: 'callable' });
  return writeChange(core, tx, stored, { ...change, ...(other && { lastCheck: null }) });
}

/** The current row, locked until the transaction ends: a probe takes seconds, during which the row may be paused, changed or deleted. Throws `not-found`, or `state-conflict` if a new lane was computed from an address or credentials that have changed since. */
export async function holdConnection(
  core: Core,
  tx: OpenTx,
  seen: StoredConnection,
  change: Change = {},
): Promise<StoredConnection> {
  const stored = found(await core.stores.connections.lock(tx, seen.id));
  if (change.lane !== undefined && (stored.lane !== seen.lane || stored.baseUrl !== seen.baseUrl))
    throw new Refusal('state-conflict', {
      detail:
        'The address or the credentials of this connection were changed in the meantime; read it again and repeat.',
    });
  return stored;
}

/** Throws `state-conflict` while the outcome of writes can be found only at this account; unsent ones do not count. */
export async function assertNothingInDoubt(core: Core, tx: Tx, stored: StoredConnection): Promise<void> {
  const count = await core.stores.backlog.inDoubt(tx, stored.id);
  if (count === 0) return;
  throw new Refusal('state-conflict', {
    detail: `Operations of this connection that were sent and whose outcome is not known yet: ${count}. Only this account can show it. See GET /v1/operations?state=unknown&connectionId=${stored.id} and, for those to be sent again, GET /v1/operations?state=queued&connectionId=${stored.id}; wait, or resolve them with POST /v1/operations/{id}/resolve.`,
  });
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
  if (change.lane !== undefined && change.lane !== stored.lane) await leaveTrouble(core, tx, stored);
  const changed = found(await core.stores.connections.find(tx, stored.tenantId, stored.id));
  if (changed.lane !== stored.lane && !(await core.stores.backlog.moveLane(tx, changed)))
    throw new Refusal('state-conflict', { detail: openLikes(stored) });
  return changed;
}

// In two lanes they would not hold back the next of their kind, and look-ups could not tell one's effect from the other's.
const openLikes = ({ id }: StoredConnection): string =>
  `An operation of this connection that is running, unknown or to be sent again (a payout, for example) may not stand beside another open one like it under the new credentials or address. Nothing was changed. See GET /v1/operations?state=unknown&connectionId=${id} and GET /v1/operations?state=queued&connectionId=${id}; wait until it is settled, or resolve it with POST /v1/operations/{id}/resolve, and repeat.`;

/** A connection in a new lane is degraded no longer: the trouble was the old lane's, and so will be its end. */
export async function leaveTrouble(core: Core, tx: Tx, stored: StoredConnection): Promise<void> {
  if (stored.state === 'degraded') await moveConnection(core, tx, stored, { state: 'callable' });
}
