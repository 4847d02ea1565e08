import { crashPoint } from '#crash-point';
import { outcomeOf } from '#canonical';
import type { Evidence, OperationState, Problem } from '#canonical';
import type { AuditInsert, Claim, Ending, StoredOperation, Tx } from '#persistence';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { kindOf } from '../kinds/kinds.js';
import type { ResourceContext, ShowResource } from '../kinds/kind.js';
import { keepFreshView } from '../intake/fresh-view.js';

/** An operation and the claim under which its outcome is written. */
export interface ClaimedOperation {
  operation: StoredOperation;
  claim: Claim;
  /** Absent once it was deleted: its operations can then only go to a person. */
  connection?: OpenConnection;
}

/** The row has a newer fence: nothing was written. */
export class StaleClaim extends Error {}

/** Reconciliation found an effect that belongs to another operation. */
export class AnothersEffect extends Error {}

/** An operation's outcome, before it is stored. */
export interface Settlement {
  state: Extract<OperationState, 'succeeded' | 'rejected' | 'unknown' | 'needs-review'>;
  evidence: Evidence;
  /** The adapter's result, if the provider returned one. */
  result?: unknown;
  ask?: unknown;
  problem?: Problem | null;
  reconcile?: object | null;
  wakeAt?: Date | null;
  /** Decided by a person: the line of the audit log, stored in the same transaction. */
  byPerson?: AuditInsert;
}

/** Stores an operation's outcome: state, resource and events in one transaction. False = the claim was stale. Throws `AnothersEffect` when the effect that was found belongs to another operation. */
export async function settle(core: Core, at: ClaimedOperation, settlement: Settlement): Promise<boolean> {
  const { id } = at.operation;
  return (await core.notifications.moving(id, () => write(core, at, settlement))) !== undefined;
}

async function write(
  core: Core,
  { operation: before, connection, claim }: ClaimedOperation,
  settlement: Settlement,
): Promise<StoredOperation | undefined> {
  const { state, evidence, problem, reconcile, wakeAt } = settlement;
  const ending: Ending = { state, outcome: outcomeOf(state), evidence, problem, reconcile, wakeAt };
  const operation = { ...before, state, outcome: ending.outcome };
  let ended: StoredOperation | undefined;
  let shown: ShowResource | undefined;
  try {
    await core.database.transaction(async tx => {
      // Both are sent together; a stale claim rolls both back.
      const [moved, changed] = await Promise.allSettled([
        core.stores.operations.settle(tx, claim, ending),
        change({ core, tx, operation }, connection, settlement),
      ]);
      if (moved.status === 'rejected') throw moved.reason;
      if (!moved.value) throw new StaleClaim();
      if (changed.status === 'rejected') throw changed.reason;
      shown = changed.value ?? undefined;
      const { byPerson } = settlement;
      if (byPerson) await core.stores.journal.audit(tx, byPerson);
      await announce(core, tx, operation, { byPerson: Boolean(byPerson), seen: row => (ended = row) });
      crashPoint('settle:inside');
    });
  } catch (error) {
    if (error instanceof StaleClaim) return undefined;
    throw error;
  }
  crashPoint('settle:done');
  if (ended && shown) keepFreshView(ended, shown(ended));
  return ended;
}

async function change(
  at: Omit<ResourceContext, 'connection'>,
  connection: OpenConnection | undefined,
  { state, evidence, ask, result }: Settlement,
): Promise<ShowResource | void> {
  const kind = kindOf(at.operation.kind);
  if (state !== 'succeeded') return kind.transitioned?.(at, state);
  if (result === undefined) return kind.resolved?.(at);
  if (!connection) throw new Error(`The connection of ${at.operation.id} is gone.`);
  const context = { ...at, connection };
  // Found, not answered: two operations that look alike must not both claim one effect.
  if (evidence !== 'proof' && (await kind.belongsToAnother?.(context, result, ask)))
    throw new AnothersEffect();
  return kind.succeeded(context, ask, result);
}

/** Ends an operation that was never sent: its row, its resource and their events in one transaction. False = it is no longer queued, or may have been sent. */
export async function withdraw(
  core: Core,
  operation: StoredOperation,
  state: 'cancelled' | 'expired',
  problem?: Problem,
): Promise<boolean> {
  const move = async () => {
    let row: StoredOperation | undefined;
    await core.database.transaction(async tx => {
      if (!(await core.stores.operations.withdraw(tx, operation, state, problem))) return;
      const ended = { ...operation, state, outcome: outcomeOf(state) };
      await kindOf(operation.kind).transitioned?.({ core, tx, operation: ended }, state);
      await announce(core, tx, ended, { seen: told => (row = told) });
    });
    return row;
  };
  return (await core.notifications.moving(operation.id, move)) !== undefined;
}

const PAUSES_MS = [250, 500, 1_000, 2_000, 4_000];

/** Repeats a write for some seconds while Postgres is away; safe, because every write is conditional on its fence. */
export async function withRetries<T>(write: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await write();
    } catch {
      await new Promise(resolve => setTimeout(resolve, pause));
    }
  }
  return write();
}

/** How a change of state is announced. */
interface Telling {
  byPerson?: boolean;
  /** Given the operation as it stands at the transaction's end. */
  seen?(operation: StoredOperation): void;
}

/** Stores the events of a change of state and notifies waiting callers. */
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
  if (!eventPrefix) return core.stores.events.announce(tx, [own], operation.id, seen);
  if (resourceId !== operation.id) return core.stores.events.announce(tx, [own, its], operation.id, seen);
  // The operation is its own resource: one sequence, one after the other.
  await core.stores.events.append(tx, own);
  await core.stores.events.announce(tx, [its], operation.id, seen);
}
