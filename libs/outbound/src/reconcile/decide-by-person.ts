import { Refusal, outcomeOf } from '#canonical';
import type { OperationResolve, OperationState } from '#canonical';
import type { Claim, StoredOperation } from '#persistence';
import type { Core } from '../core/core.js';
import { LEASE_MS } from '../core/timeouts.js';
import { storedProblem } from '../run/stored-problem.js';
import { reconcile } from './reconcile.js';
import { reconcileWithin } from './reconcile-within.js';
import { settle, withdraw } from '../run/settle.js';

/** Who decides: the tenant, the API key's id and its name for the audit log. */
export interface Person {
  tenantId: string;
  actor: string;
  actorName: string;
  /** How long to wait for a running probe, in milliseconds; absent = not at all. */
  waitMs?: number;
}

/** How long a running probe is waited for before the row is tried again, in milliseconds. */
const POLL_MS = 250;
/** After how many seconds a probe that still runs has probably ended. */
const PROBE_SECONDS = 5;

/** Probes at once; after `waitMs` the probe goes on without the caller (absent = the caller waits for its end). Throws `not-found`; `state-conflict` when nothing is unknown. */
export async function probeNow(core: Core, tenantId: string, id: string, waitMs?: number): Promise<void> {
  const operation = await find(core, tenantId, id);
  if (operation.state !== 'unknown') throw conflict(operation, 'only an unknown outcome can be reconciled');
  await (waitMs === undefined ? reconcile(core, id) : reconcileWithin(core, id, waitMs));
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
    if (left <= 0) throw beingReconciled(await find(core, person.tenantId, id));
    await core.notifications.wait(id, Math.min(POLL_MS, left));
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
  if (!isUndecided(operation)) {
    throw conflict(
      operation,
      tooEarly[operation.state] ?? `its outcome is already ${outcomeOf(operation.state)}`,
    );
  }
  const claim = await claimOf(core, operation);
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

const OPEN: readonly OperationState[] = ['unknown', 'needs-review'];

/** Queued for a repeat: its answer was lost, and the same request is sent again instead of being looked up. */
const isToBeRepeated = ({ state, writeSent }: StoredOperation): boolean => state === 'queued' && writeSent;

const isUndecided = (operation: StoredOperation): boolean =>
  OPEN.includes(operation.state) || isToBeRepeated(operation);

/** The claim under which the decision is written: nothing is sent or repeated meanwhile. `null` = another process holds the row. */
async function claimOf(core: Core, operation: StoredOperation): Promise<Claim | null> {
  const { database, owner, stores } = core;
  const by = { owner, leaseMs: LEASE_MS };
  if (!isToBeRepeated(operation))
    return stores.operations.claimUnknown(database.direct, operation.id, by, OPEN);
  const answer = await stores.operations.claim(database.direct, operation, by);
  return 'claim' in answer ? answer.claim : null;
}

/** Withdraws an operation before it is sent. Throws `state-conflict` once it may have been. */
export async function cancelOperation(core: Core, tenantId: string, id: string): Promise<void> {
  const operation = await find(core, tenantId, id);
  if ((await withdraw(core, operation, 'cancelled')) || operation.state === 'cancelled') return;
  const now = await find(core, tenantId, id);
  throw conflict(
    now,
    isToBeRepeated(now)
      ? 'it was sent, its answer was lost, and it is to be sent again; `POST /v1/operations/{id}/resolve` settles it'
      : 'only an operation that has not been sent yet can be cancelled',
  );
}

async function find(core: Core, tenantId: string, id: string): Promise<StoredOperation> {
  const operation = await core.stores.operations.find(core.database.direct, tenantId, id);
  if (!operation) throw new Refusal('not-found', { detail: `There is no operation ${id}.` });
  return operation;
}

const beingReconciled = (operation: StoredOperation): Refusal => {
  const { code, members } = conflict(operation, 'it is being reconciled at this moment; try again');
  return new Refusal(code, { ...members, retryable: true, retryAfterSeconds: PROBE_SECONDS });
};

const conflict = ({ id, state }: StoredOperation, why: string): Refusal =>
  new Refusal('state-conflict', { operationId: id, detail: `The operation is ${state}: ${why}.` });
