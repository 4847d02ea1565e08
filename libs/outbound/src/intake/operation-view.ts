import { registry } from '#adapters';
import { Refusal, laneIdOf } from '#canonical';
import type { Operation } from '#canonical';
import type { StoredOperation, Tx } from '#persistence';
import { figuresOf } from './operation-figures.js';
import { laneOf } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { FIGURE_WAIT_MS } from '../lanes/lanes.js';
import type { LaneUse } from '../lanes/lanes.js';
import { queueMs } from '../lanes/lane-rules.js';

/** An operation as the API shows it, with its place in the lane while it waits. */
export async function operationView(core: Core, tx: Tx, operation: StoredOperation): Promise<Operation> {
  const { reconcile: search, problem } = operation;
  const queue = operation.state === 'queued' ? await placeOf(core, tx, operation) : undefined;
  return {
    id: operation.id,
    kind: operation.kind,
    resource: { type: operation.resourceType, id: operation.resourceId },
    state: operation.state,
    outcome: operation.outcome,
    evidence: operation.evidence,
    retryClass: operation.retryClass,
    attempts: operation.attempts,
    ...(queue ? { queue } : {}),
    ...(search
      ? {
          reconcile: {
            strategy: search.strategy,
            tries: search.tries,
            // Whoever settled it meanwhile left the row's own plan as it was.
            ...(search.nextAt && operation.state === 'unknown' ? { nextAt: search.nextAt } : {}),
          },
        }
      : {}),
    ...(problem ? { problem } : {}),
    connectionId: operation.connectionId,
    ...(operation.merchantReference ? { merchantReference: operation.merchantReference } : {}),
    createdAt: operation.createdAt.toISOString(),
    updatedAt: operation.updatedAt.toISOString(),
  };
}

/** An operation of a tenant, as the API shows it; `not-found` also for another tenant's. */
export async function operationOf(core: Core, tx: Tx, tenantId: string, id: string): Promise<Operation> {
  const operation = await core.stores.operations.find(tx, tenantId, id);
  if (!operation) throw new Refusal('not-found', { detail: `There is no operation ${id}.` });
  const [view, figures] = await Promise.all([
    operationView(core, tx, operation),
    figuresOf(core, tx, operation),
  ]);
  return { ...view, ...(figures && { figures }) };
}

async function placeOf(core: Core, tx: Tx, operation: StoredOperation): Promise<Operation['queue']> {
  const laneId = laneIdOf(operation.lane);
  const place = await core.stores.backlog.place(tx, operation);
  if (!place) return { laneId, position: 0, etaMs: 0 };
  // Nobody knows when a paused connection is resumed, or a lost answer known.
  if (place.blocked) return undefined;
  const { provider, requestsPerSecond, position } = place;
  const lane = laneOf(registry[provider]!.adapter, { lane: operation.lane, requestsPerSecond });
  const [use] = await core.lanes.use([lane], FIGURE_WAIT_MS).catch((): LaneUse[] => []);
  const retryMs =
    operation.attempts > 0 && operation.wakeAt ? operation.wakeAt.getTime() - core.now().getTime() : 0;
  const silentMs = core.breakers.of(operation.lane).openForMs();
  const notBeforeMs = Math.max(0, retryMs, use?.pausedMs ?? 0, silentMs);
  return { laneId, position, etaMs: Math.ceil(notBeforeMs + queueMs(lane, position, use?.people ?? false)) };
}
