import { crashPoint } from '#crash-point';
import { outcomeOf } from '#canonical';
import type { Problem } from '#canonical';
import type { Ending, StoredOperation, Tx } from '#persistence';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { kindOf } from '../kinds/kinds.js';
import type { ResourceContext, ShowResource } from '../kinds/kind.js';
import { announce } from './announce.js';
import { keepFreshView } from './fresh-view.js';
import { sealedResult } from './sealed-result.js';
import { settleAtOnce } from './settle-at-once.js';
import type { Stored } from './settle-at-once.js';
import { AnothersEffect, StaleClaim } from './settlement.js';
import type { ClaimedOperation, Settlement } from './settlement.js';

const BY_PERSON = 'A person settled it; who and why is in the audit log.';

/** Stores an operation's outcome: state, resource and events in one transaction. False = the claim was stale. Throws `AnothersEffect` when the effect belongs to another operation. */
export async function settle(core: Core, at: ClaimedOperation, settlement: Settlement): Promise<boolean> {
  const { id } = at.operation;
  return (await core.notifications.moving(id, () => store(core, at, settlement))) !== undefined;
}

async function store(
  core: Core,
  at: ClaimedOperation,
  settlement: Settlement,
): Promise<StoredOperation | undefined> {
  const { state, evidence, problem, reconcile, wakeAt } = settlement;
  const kept = personalPart(core, at, settlement);
  const ending: Ending = { state, outcome: outcomeOf(state), evidence, kept, problem, reconcile, wakeAt };
  try {
    const { ended, shown, hasWoken } =
      (await settleAtOnce(core, at, settlement, ending)) ??
      (await settleStepwise(core, at, settlement, ending));
    crashPoint('settle:done');
    if (ended && shown) keepFreshView(ended, shown(ended));
    if (hasWoken) runNext(core, at.operation);
    return ended;
  } catch (error) {
    if (error instanceof StaleClaim) return undefined;
    throw error;
  }
}

// Written by the statement that ends the row, since a purchase is to be settled in one round trip.
function personalPart(core: Core, { operation }: ClaimedOperation, { state, result }: Settlement) {
  if (state !== 'succeeded' || result === undefined) return undefined;
  const told = kindOf(operation.kind).personal?.(result);
  return told && sealedResult(core, operation.id, told);
}

async function settleStepwise(
  core: Core,
  { operation: before, connection, claim }: ClaimedOperation,
  settlement: Settlement,
  ending: Ending,
): Promise<Stored> {
  const operation = { ...before, state: ending.state, outcome: ending.outcome };
  const stored: Stored = {};
  await core.database.transaction(async tx => {
    // Both are sent together; a stale claim rolls both back.
    const [moved, changed, woken] = await Promise.allSettled([
      core.stores.operations.settle(tx, claim, ending),
      changeResource({ core, tx, operation }, connection, settlement),
      endTurn(core, tx, operation),
    ]);
    if (moved.status === 'rejected') throw moved.reason;
    if (!moved.value) throw new StaleClaim();
    if (changed.status === 'rejected') throw changed.reason;
    if (woken.status === 'rejected') throw woken.reason;
    stored.hasWoken = woken.value;
    stored.shown = changed.value ?? undefined;
    const { byPerson } = settlement;
    if (byPerson) {
      await core.stores.journal.audit(tx, byPerson);
      // Their own words may name the customer, and are in the audit log alone.
      await core.stores.operations.note(tx, { ...operation, state: settlement.state }, { note: BY_PERSON });
    }
    await announce(core, tx, operation, { byPerson: Boolean(byPerson), seen: row => (stored.ended = row) });
    crashPoint('settle:inside');
  });
  return stored;
}

async function changeResource(
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
    let hasWoken = false;
    await core.database.transaction(async tx => {
      if (!(await core.stores.operations.withdraw(tx, operation, state, problem))) return;
      const ended = { ...operation, state, outcome: outcomeOf(state) };
      hasWoken = await endTurn(core, tx, ended);
      await kindOf(operation.kind).transitioned?.({ core, tx, operation: ended }, state);
      await announce(core, tx, ended, { seen: told => (row = told) });
    });
    if (hasWoken) runNext(core, operation);
    return row;
  };
  return (await core.notifications.moving(operation.id, move)) !== undefined;
}

/** Wakes the operation whose turn is next; true = there was one that slept, and `runNext` must be called after the commit. */
async function endTurn({ stores }: Core, tx: Tx, operation: StoredOperation): Promise<boolean> {
  if (operation.serialKey === null || operation.state === 'unknown') return false;
  return stores.turns.wakeNext(tx, operation);
}

// If asking for the pump fails, the sweep finds the operation due.
const runNext = (core: Core, { lane }: StoredOperation): void =>
  core.background.run(core.jobs.ensurePump(lane), () => undefined);

const PAUSES_MS = [250, 500, 1_000, 2_000, 4_000];

/** Repeats a write for some seconds, whatever it failed with (as a rule, Postgres is away), but not after `AnothersEffect`, which no repeat changes; safe, because every write is conditional on its fence. */
export async function withRetries<T>(write: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await write();
    } catch (error) {
      if (error instanceof AnothersEffect) throw error;
      await new Promise(resolve => setTimeout(resolve, pause));
    }
  }
  return write();
}
