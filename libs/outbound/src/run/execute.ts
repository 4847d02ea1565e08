import { Refusal } from '#canonical';
import type { StoredOperation } from '#persistence';
import { Attempt } from './attempt.js';
import { LEASE_MS } from '../core/timeouts.js';
import { connectionOf } from '../connections/connection.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import type { Timing } from '../calls/exchange.js';
import type { LaneClass } from '../lanes/lanes.js';
import { markUnknown } from './mark-unknown.js';
import type { HeadStart } from './primed-plan.js';
import { storedProblem } from './stored-problem.js';
import { pauseBehind, runLater } from './requeue.js';
import { withdraw } from './settle.js';

/** What the caller of an attempt decides. */
export interface ExecuteOptions {
  /** How long it may stand in the lane, in milliseconds. */
  laneBudgetMs: number;
  /** It may stand so long before each request; otherwise before all of them together. */
  budgetPerStep?: boolean;
  /** Absent = the operation's own. */
  laneClass?: LaneClass;
  timing?: Timing;
  /** Row and connection, if the caller has just read them; a row that changed since then is not claimed. */
  known?: { operation: StoredOperation; connection: OpenConnection; head?: HeadStart };
}

/** Runs one queued operation: the same function in the API process and in a worker. Never rejects for what a provider or the lane store does. */
export async function execute(core: Core, operationId: string, how: ExecuteOptions): Promise<void> {
  const { known, ...rest } = how;
  const operation =
    known?.operation ?? (await core.stores.operations.byId(core.database.direct, operationId));
  if (operation?.state !== 'queued') return;
  if (await expired(core, operation)) return;
  const connection = known?.connection ?? (await connectionOf(core, operation));
  if (!connection) return abandon(core, operation);
  if (connection.state === 'paused') return runLater(core, operation, 30_000);
  if (!known && (await isInLine(core, operation)))
    return runLater(core, operation, await pauseBehind(core, operation));
  const again = (laneBudgetMs: number) => execute(core, operationId, { ...rest, laneBudgetMs });
  await new Attempt(core, operation, connection, { ...rest, head: known?.head }, again).run();
}

/** Whether it is behind a queued one of its serial key: a long line of these, each with a start of the lane just to find that out, would leave the first one none. */
const isInLine = async ({ stores, database }: Core, { id, serialKey }: StoredOperation): Promise<boolean> =>
  serialKey !== null && stores.turns.waits(database.direct, id);

/** Past its expiry: withdrawn if it was never sent; otherwise no longer repeated and handed to a person. */
async function expired(core: Core, operation: StoredOperation): Promise<boolean> {
  if (!operation.expiresAt || operation.expiresAt > core.now()) return false;
  if (!operation.writeSent) return withdraw(core, operation, 'expired');
  await handOver(core, operation, 'its time was over before an answer came');
  return true;
}

/** Its connection was deleted: cancelled if it was never sent; otherwise handed to a person. */
async function abandon(core: Core, operation: StoredOperation): Promise<void> {
  const detail = 'The connection was deleted before the request was sent; nothing was executed.';
  const problem = storedProblem(new Refusal('state-conflict', { detail }), operation.id);
  if (await withdraw(core, operation, 'cancelled', problem)) return;
  await handOver(core, operation, 'its connection was deleted');
}

/** Hands it to a person. */
async function handOver(core: Core, operation: StoredOperation, reason: string): Promise<void> {
  const { database, stores, owner } = core;
  const answer = await stores.operations.claim(database.direct, operation, { owner, leaseMs: LEASE_MS });
  // Blocked by nothing but another process that has it: what was sent has its customer's and its key's turn already.
  if ('claim' in answer) await markUnknown(core, { operation, claim: answer.claim }, undefined, { reason });
}
