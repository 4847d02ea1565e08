import type { ConnectionState } from '#canonical';
import type { EventInsert, Tx } from '#persistence';
import type { Core } from '../core/core.js';

/** Moves a connection's state and tells it; nothing happens when it is there already. */
export async function moveConnection(
  core: Core,
  tx: Tx,
  { id, tenantId }: { id: string; tenantId: string },
  { state, reason = null }: { state: ConnectionState; reason?: string | null },
): Promise<void> {
  if (await core.stores.connections.moveState(tx, id, state, reason))
    await core.stores.events.append(tx, stateChanged(tenantId, id, state));
}

/** The event that tells the state of a connection. */
export const stateChanged = (tenantId: string, id: string, state: ConnectionState): EventInsert => ({
  tenantId,
  connectionId: id,
  type: 'connection.state-changed',
  resourceType: 'connection',
  resourceId: id,
  data: { state },
});
