import type { Operation, Problem } from '#canonical';
import type { StoredOperation, Tx } from '#persistence';
import type { Core } from './core.js';
import type { Search } from './reconcile.js';

/** How many starts a lane gives in a second when it gives all; only for the estimate. */
const STARTS_A_SECOND = 5;

/** An operation as the API shows it, with its place in the lane while it waits. */
export async function operationView(core: Core, tx: Tx, operation: StoredOperation): Promise<Operation> {
  const search = operation.reconcile as unknown as Search | null;
  return {
    id: operation.id,
    kind: operation.kind,
    resource: { type: operation.resourceType, id: operation.resourceId },
    state: operation.state,
    outcome: operation.outcome,
    evidence: operation.evidence,
    retryClass: operation.retryClass,
    attempts: operation.attempts,
    ...(operation.state === 'queued' ? { queue: await placeOf(core, tx, operation) } : {}),
    ...(search
      ? {
          reconcile: {
            strategy: search.strategy,
            tries: search.tries,
            ...(search.nextAt ? { nextAt: search.nextAt } : {}),
          },
        }
      : {}),
    ...(operation.problem ? { problem: operation.problem as unknown as Problem } : {}),
    connectionId: operation.connectionId,
    ...(operation.merchantReference ? { merchantReference: operation.merchantReference } : {}),
    createdAt: operation.createdAt.toISOString(),
    updatedAt: operation.updatedAt.toISOString(),
  };
}

async function placeOf(
  core: Core,
  tx: Tx,
  operation: StoredOperation,
): Promise<NonNullable<Operation['queue']>> {
  const position = await core.stores.operations.position(tx, operation);
  const retryMs =
    operation.attempts > 0 && operation.wakeAt ? operation.wakeAt.getTime() - core.now().getTime() : 0;
  const etaMs = Math.max(0, retryMs) + Math.ceil((position * 1000) / STARTS_A_SECOND);
  return { laneId: operation.lane, position, etaMs };
}
