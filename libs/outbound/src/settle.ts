import { outcomeOf } from '#canonical';
import type { Evidence, OperationState, Problem } from '#canonical';
import { notifyOperation } from '#persistence';
import type { Claim, Ending, StoredOperation, Tx } from '#persistence';
import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';
import { kindOf } from './kinds/kinds.js';
import type { Scene } from './kinds/kind.js';

/** The row moved on in the meantime; whoever holds a stale fence writes nothing. */
export class StaleClaim extends Error {}

/** What an operation comes to, before it is written. */
export interface Settlement {
  state: Extract<OperationState, 'succeeded' | 'rejected' | 'unknown' | 'needs-review'>;
  evidence: Evidence;
  /** The adapter's result, when the effect stands and the provider told it. */
  result?: unknown;
  ask?: unknown;
  problem?: Problem | null;
  reconcile?: object | null;
  wakeAt?: Date | null;
  /** Decided by a person: events say so. */
  byPerson?: boolean;
}

/** Writes what became of an operation: its state, its resource and their events in one transaction. False = the claim was stale. */
export async function settle(
  core: Core,
  at: { operation: StoredOperation; connection: OpenConnection; claim: Claim },
  settlement: Settlement,
): Promise<boolean> {
  try {
    await core.database.transaction(async tx => {
      const ending: Ending = {
        state: settlement.state,
        outcome: outcomeOf(settlement.state),
        evidence: settlement.evidence,
        problem: settlement.problem,
        reconcile: settlement.reconcile,
        wakeAt: settlement.wakeAt,
      };
      if (!(await core.stores.operations.settle(tx, at.claim, ending))) throw new StaleClaim();
      const operation = { ...at.operation, state: settlement.state, outcome: ending.outcome };
      await change({ core, tx, operation, connection: at.connection }, settlement);
      await announce(core, tx, operation, settlement.byPerson ?? false);
    });
  } catch (error) {
    if (error instanceof StaleClaim) return false;
    throw error;
  }
  core.notifications.wake(at.operation.id);
  return true;
}

async function change(scene: Scene, settlement: Settlement): Promise<void> {
  const kind = kindOf(scene.operation.kind);
  if (settlement.state !== 'succeeded') await kind.turned?.(scene, settlement.state);
  else if (settlement.result !== undefined) await kind.succeeded(scene, settlement.ask, settlement.result);
  else await kind.resolved?.(scene);
}

/** Events of a change of state, and the wake-up for those who wait. */
export async function announce(
  core: Core,
  tx: Tx,
  operation: StoredOperation,
  byPerson = false,
): Promise<void> {
  const { tenantId, connectionId, resourceId, resourceType, state } = operation;
  const { eventPrefix } = kindOf(operation.kind);
  const common = { tenantId, connectionId };
  await core.stores.events.append(tx, {
    ...common,
    type: `operation.${byPerson ? 'resolved' : state}`,
    resourceType: 'operation',
    resourceId: operation.id,
    data: { state, resource: { type: resourceType, id: resourceId } },
  });
  if (eventPrefix) {
    await core.stores.events.append(tx, {
      ...common,
      type: `${eventPrefix}.${state}`,
      resourceType,
      resourceId,
      data: { state, operationId: operation.id },
    });
  }
  await notifyOperation(tx, operation.id);
}
