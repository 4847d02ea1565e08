import { crashPoint } from '#crash-point';
import { Refusal } from '#canonical';
import { isConflict, isUnmet } from '#persistence';
import type { OpenTx, OperationInsert, StoredOperation, Tx } from '#persistence';
import type { Core } from '../core/core.js';
import { LEASE_MS } from '../core/timeouts.js';
import type { Prepared } from '../kinds/kind.js';
import { giveUpHeadStart, takeFreeStart, unclaimed } from './head-start.js';
import type { FreeStart } from './head-start.js';
import { buildSoon } from '../run/primed-plan.js';
import type { HeadStart } from '../run/primed-plan.js';
import { keyRow, newDraft, newRow, prepare } from './new-row.js';
import type { Accepted, FingerprintedSubmission } from './submission.js';

/** The common case, a new request: all inserts and the COMMIT leave in one round trip. `null` = nothing was stored, since something exists already, the kind refuses or the write is advisory: to be accepted step by step. */
export async function acceptNew(
  core: Core,
  submission: FingerprintedSubmission,
  read: unknown,
): Promise<Accepted | null> {
  const draft = newDraft();
  let pending: PendingInserts | undefined;
  let free: FreeStart | undefined;
  try {
    await core.database.transaction(async tx => {
      // Of an earlier run, which ended in a deadlock.
      if (free) core.lanes.giveBack(free.slot);
      [pending, free] = [undefined, undefined];
      const prepared = await prepare(core, tx, submission, read);
      if (prepared.plan === 'advisory') throw new NotHere();
      const start = takeFreeStart(core, submission, prepared, draft);
      const row = newRow(core, submission, prepared, draft);
      free = await start;
      pending = insertAll({ core, tx, submission, prepared }, row, free);
      await pending.resource;
      crashPoint('accept:inside');
    });
    return { outcome: 'new', ...(await pending!.operation) };
  } catch (error) {
    if (free) giveUpHeadStart(core, free, draft.id, error);
    if (error instanceof NotHere || error instanceof Refusal || isInTheWay(error)) return null;
    if (pending && (await hitConflict(pending))) return null;
    throw error;
  }
}

/** Ends the transaction of a write that is settled in the one that accepts it, and has to see its row. */
class NotHere extends Error {}

/** A stored operation; with a head start it is claimed already. */
interface Inserted {
  operation: StoredOperation;
  head?: HeadStart;
}

/** Inserts that were sent and not awaited yet. */
interface PendingInserts {
  key: Promise<void>;
  operation: Promise<Inserted>;
  resource: Promise<void>;
}

/** What one acceptance works with. */
export interface Acceptance {
  core: Core;
  tx: OpenTx;
  submission: FingerprintedSubmission;
  prepared: Prepared;
}

function insertAll(
  { core, tx, submission, prepared }: Acceptance,
  row: OperationInsert,
  free: FreeStart | undefined,
): PendingInserts {
  const { kind, connection } = submission;
  const { customerId } = prepared;
  const kept = customerId && core.stores.customers.keepOrRefuse(tx, customerId);
  const key = core.stores.idempotency.add(tx, keyRow(submission, row.id));
  const operation = free ? insertClaimed(core, tx, row, free) : insertQueued(core, tx, row);
  const resource = kind.accept({ core, tx, connection }, row, prepared, submission);
  if (free) buildSoon(connection, free.primed);
  void Promise.allSettled([kept, key, operation, resource]);
  return { key, operation, resource };
}

async function insertQueued(core: Core, tx: Tx, row: OperationInsert): Promise<Inserted> {
  return { operation: await core.stores.operations.add(tx, row) };
}

async function insertClaimed(
  core: Core,
  tx: Tx,
  { wakeAt: _, ...row }: OperationInsert,
  { slot, primed }: FreeStart,
): Promise<Inserted> {
  const claimedAt = performance.now();
  const by = { owner: core.owner, leaseMs: LEASE_MS };
  const adding = core.stores.operations.addClaimed(tx, { ...row, steps: primed.book.sealed() }, by);
  // An older one may have gone back to the queue since the lane was asked: only now it can no longer be claimed before this one.
  const inTurn = row.serialKey !== null && core.stores.turns.overtakeNoneOrRefuse(tx, row.id);
  const [{ operation, claim }] = await Promise.all([adding, inTurn]);
  return { operation: unclaimed(operation), head: { slot, primed, claim, claimedAt } };
}

/** Whether the key or the reference existed: Postgres then rolled back, whatever it said to COMMIT. */
async function hitConflict({ key, operation }: PendingInserts): Promise<boolean> {
  const ends = await Promise.allSettled([key, operation]);
  return ends.some(end => end.status === 'rejected' && isInTheWay(end.reason));
}

/** Something exists already, an older one comes first, or the connection was moved: then the row is queued, and sent to where the connection is. */
const isInTheWay = (error: unknown): boolean =>
  isConflict(error) || isUnmet(error, 'same-lane') || isUnmet(error, 'in-turn');
