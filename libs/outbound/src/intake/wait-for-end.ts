import { terminalStates } from '#canonical';
import type { OperationState } from '#canonical';
import { isStoreAway } from '#persistence';
import type { StoredOperation } from '#persistence';
import type { Core } from '../core/core.js';

/** Polls in case a notification is lost, in milliseconds. */
const POLLS_MS = [50, 100, 200, 400];
/** The same for an operation that this process runs itself, which rarely needs a poll; further and further apart, so that hundreds of waiting callers do not slow down what they wait for. */
const OWN_POLLS_MS = [500, 1_000, 2_000];
/** States in which there is something to say at once; `unknown` may still be cleared up while the caller waits. */
const SETTLED: readonly OperationState[] = [...terminalStates, 'needs-review'];

/** Waits until the operation is settled or the time is over, and gives the row as it stands then. */
export async function waitForEnd(
  core: Core,
  operation: StoredOperation,
  waitMs: number,
  own = false,
): Promise<StoredOperation> {
  // What is settled as it is accepted wakes nobody afterwards.
  if (SETTLED.includes(operation.state)) return operation;
  const end = performance.now() + waitMs;
  const polls = own ? OWN_POLLS_MS : POLLS_MS;
  for (let poll = 0; ; poll++) {
    const left = end - performance.now();
    const nap = Math.min(polls[poll] ?? polls.at(-1)!, left);
    // The listener stands before the row is read, so that nothing that happens in between is missed.
    const woken = left > 0 ? core.notifications.wait(operation.id, nap) : undefined;
    // Our own operation was queued a moment ago: no need to read it before its end wakes us.
    if (!woken || !own || poll > 0) {
      const now = (await look(core, operation, woken !== undefined)) ?? operation;
      if (SETTLED.includes(now.state) || !woken) return now;
    }
    const told = await woken;
    if (told && SETTLED.includes(told.state)) return told;
  }
}

/** The row now. While the caller still waits, `null` if Postgres is away for a moment. */
async function look(core: Core, { id }: StoredOperation, more: boolean): Promise<StoredOperation | null> {
  try {
    return await core.stores.operations.byId(core.database.direct, id);
  } catch (error) {
    if (more && isStoreAway(error)) return null;
    throw error;
  }
}
