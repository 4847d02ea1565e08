import type { StoredOperation, Tx } from '#persistence';
import type { Core } from '../core/core.js';
import { kindOf } from '../kinds/kinds.js';

/** How a change of state is announced. */
interface Telling {
  byPerson?: boolean;
  /** Given the operation as it stands at the transaction's end. */
  seen?(operation: StoredOperation): void;
}

/** Stores the events of a change of state and notifies waiting callers; takes the one statement that is sent with the COMMIT. */
export async function announce(
  core: Core,
  tx: Tx,
  operation: StoredOperation,
  { byPerson = false, seen }: Telling = {},
): Promise<void> {
  const { tenantId, connectionId, resourceId, resourceType, state } = operation;
  const { eventPrefix } = kindOf(operation.kind);
  const common = { tenantId, connectionId };
  const own = {
    ...common,
    type: `operation.${byPerson ? 'resolved' : state}`,
    resourceType: 'operation',
    resourceId: operation.id,
    data: { state, resource: { type: resourceType, id: resourceId } },
  };
  const its = {
    ...common,
    type: `${eventPrefix}.${state}`,
    resourceType,
    resourceId,
    data: { state, operationId: operation.id },
  };
  if (!eventPrefix) return core.stores.events.announceAtCommit(tx, [own], operation.id, seen);
  if (resourceId !== operation.id)
    return core.stores.events.announceAtCommit(tx, [own, its], operation.id, seen);
  // The operation is its own resource: one sequence, one after the other.
  await core.stores.events.append(tx, own);
  await core.stores.events.announceAtCommit(tx, [its], operation.id, seen);
}
