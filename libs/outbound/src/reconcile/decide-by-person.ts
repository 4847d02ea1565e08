import { Refusal, canMove, operationTransitions, outcomeOf } from '#canonical';
import type { OperationResolve, OperationState } from '#canonical';
import type { StoredOperation } from '#persistence';
import type { Core } from '../core/core.js';
import { LEASE_MS } from '../core/timeouts.js';
import { storedProblem } from '../run/problem-of.js';
import { reconcile } from './reconcile.js';
import { settle, withdraw } from '../run/settle.js';

/** Who decides: the tenant, the API key's id and its name for the audit log. */
export interface Person {
  tenantId: string;
  actor: string;
  actorName: string;
  /** How long to wait for a running probe, in milliseconds; absent = not at all. */
  waitMs?: number;
}

const GLANCE_MS = 250;

/** Probes at once. Throws `not-found`; `state-conflict` when nothing is unknown. */
export async function probeNow(core: Core, tenantId: string, id: string): Promise<void> {
  const operation = await find(core, tenantId, id);
  if (operation.state !== 'unknown') throw conflict(operation, 'only an unknown outcome can be reconciled');
  await reconcile(core, id);
}

// Why nobody can say yet what became of it, and what to do instead.
const tooEarly: Partial<Record<OperationState, string>> = {
  queued: 'it has not been sent; `POST /v1/operations/{id}/cancel` withdraws it',
  dispatching: 'its answer may still come; resolve it once it is unknown',
};

/** Settles an outcome by a person's decision, with audit line and events. Repeating the same decision changes nothing. Waits for a running probe, which may find the truth itself. Throws `state-conflict` when there is nothing to settle or the probe still runs. */
export async function resolveOperation(
  core: Core,
  person: Person,
  id: string,
  word: OperationResolve,
): Promise<void> {
  const endsAt = performance.now() + (person.waitMs ?? 0);
  while (!(await decide(core, person, id, word))) {
    const left = endsAt - performance.now();
    if (left <= 0)
      throw conflict(
        await find(core, person.tenantId, id),
        'it is being reconciled at this moment; try again',
      );
    await core.notifications.wait(id, Math.min(GLANCE_MS, left));
  }
}

/** False = another process holds the row at the moment. */
async function decide(
  core: Core,
  person: Person,
  id: string,
  { outcome, note }: OperationResolve,
): Promise<boolean> {
  const operation = await find(core, person.tenantId, id);
  const state = outcome === 'executed' ? 'succeeded' : 'rejected';
  if (operation.state === state && operation.evidence === 'none') return true;
  if (
    !['unknown', 'needs-review'].includes(operation.state) ||
    !canMove<OperationState>(operationTransitions, operation.state, state)
  ) {
    throw conflict(
      operation,
      tooEarly[operation.state] ?? `its outcome is already ${outcomeOf(operation.state)}`,
    );
  }
  const claim = await core.stores.operations.claimUnknown(core.database.direct, id, core.owner, LEASE_MS, [
    'unknown',
    'needs-review',
  ]);
  if (!claim) return false;
  const refusal = new Refusal('provider-rejected', {
    detail: `A person found that it was not executed: ${note}`,
  });
  const problem = state === 'rejected' ? storedProblem(refusal, id) : null;
  const byPerson = {
    tenantId: person.tenantId,
    actor: person.actor,
    action: 'operation.resolved',
    subject: id,
    detail: { actorName: person.actorName, outcome, note, resource: { type: 'operation', id } },
  };
  return settle(core, { operation, claim }, { state, evidence: 'none', problem, byPerson });
}

/** Withdraws an operation before it is sent. Throws `state-conflict` once it may have been. */
export async function cancelOperation(core: Core, tenantId: string, id: string): Promise<void> {
  const operation = await find(core, tenantId, id);
  const done = await withdraw(core, operation, 'cancelled');
  if (!done && operation.state !== 'cancelled')
    throw conflict(
      await find(core, tenantId, id),
      'only an operation that has not been sent yet can be cancelled',
    );
}

async function find(core: Core, tenantId: string, id: string): Promise<StoredOperation> {
  const operation = await core.stores.operations.find(core.database.direct, tenantId, id);
  if (!operation) throw new Refusal('not-found', { detail: `There is no operation ${id}.` });
  return operation;
}

const conflict = ({ id, state }: StoredOperation, why: string): Refusal =>
  new Refusal('state-conflict', { operationId: id, detail: `The operation is ${state}: ${why}.` });
