import { crashPoint } from '#crash-point';
import { outcomeOf } from '#canonical';
import type { Evidence, OperationState, Problem } from '#canonical';
import type { AuditInsert, Claim, Ending, StoredOperation, Tx } from '#persistence';
import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';
import { kindOf } from './kinds/kinds.js';
import type { Scene, Shown } from './kinds/kind.js';
import { keepAtHand } from './view-at-hand.js';

/** An operation whose outcome is being written, by whoever holds it. */
export interface Held {
  operation: StoredOperation;
  claim: Claim;
  /** Absent once it was deleted: its operations can then go to a person, and nowhere else. */
  connection?: OpenConnection;
}

/** The row moved on in the meantime; whoever holds a stale fence writes nothing. */
export class StaleClaim extends Error {}

/** What reconciliation took for this operation's effect is another one's. */
export class AnothersEffect extends Error {}

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
  /** Decided by a person: events say so, and this line of the audit log stands with it or not at all. */
  byPerson?: AuditInsert;
}

/** Writes what became of an operation: its state, its resource and their events in one transaction. False = the claim was stale. Throws `AnothersEffect` when what was found belongs to another operation. */
export async function settle(core: Core, at: Held, settlement: Settlement): Promise<boolean> {
  const { id } = at.operation;
  return (await core.notifications.moving(id, () => write(core, at, settlement))) !== undefined;
}

async function write(
  core: Core,
  { operation: before, connection, claim }: Held,
  settlement: Settlement,
): Promise<StoredOperation | undefined> {
  const { state, evidence, problem, reconcile, wakeAt } = settlement;
  const ending: Ending = { state, outcome: outcomeOf(state), evidence, problem, reconcile, wakeAt };
  const operation = { ...before, state, outcome: ending.outcome };
  let ended: StoredOperation | undefined;
  let shown: Shown | undefined;
  try {
    await core.database.transaction(async tx => {
      // Both leave together; where the claim was stale, all of it is taken back.
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
  if (ended && shown) keepAtHand(ended, shown(ended));
  return ended;
}

async function change(
  at: Omit<Scene, 'connection'>,
  connection: OpenConnection | undefined,
  { state, evidence, ask, result }: Settlement,
): Promise<Shown | void> {
  const kind = kindOf(at.operation.kind);
  if (state !== 'succeeded') return kind.turned?.(at, state);
  if (result === undefined) return kind.resolved?.(at);
  if (!connection) throw new Error(`The connection of ${at.operation.id} is gone.`);
  const scene = { ...at, connection };
  // Found and not answered: two operations that look alike must not both take the one effect for theirs.
  if (evidence !== 'proof' && (await kind.isAnothers?.(scene, result, ask))) throw new AnothersEffect();
  return kind.succeeded(scene, ask, result);
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
      await kindOf(operation.kind).turned?.({ core, tx, operation: ended }, state);
      await announce(core, tx, ended, { seen: told => (row = told) });
    });
    return row;
  };
  return (await core.notifications.moving(operation.id, move)) !== undefined;
}

const PAUSES_MS = [250, 500, 1_000, 2_000, 4_000];

/** Writes what is known in spite of a Postgres that is away for some seconds; safe, since every write of ours is conditional on its fence. */
export async function insist<T>(write: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await write();
    } catch {
      await new Promise(resolve => setTimeout(resolve, pause));
    }
  }
  return write();
}

/** How a change of state is told. */
interface Telling {
  byPerson?: boolean;
  /** Given the operation as it stands at the transaction's end. */
  seen?(operation: StoredOperation): void;
}

/** Events of a change of state, and the wake-up for those who wait. */
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
