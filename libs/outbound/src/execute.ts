import { Refusal } from '#canonical';
import type { StoredOperation } from '#persistence';
import { Attempt } from './attempt.js';
import { LEASE_MS } from './call-times.js';
import { connectionOf } from './connection.js';
import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';
import type { Timing } from './exchange.js';
import type { LaneClass } from './lanes/lanes.js';
import { lose } from './lose.js';
import { storedProblem } from './problem-of.js';
import { later } from './put-off.js';
import { withdraw } from './settle.js';

/** What waits behind another call of its kind is looked at again after so long, in milliseconds. */
const BLOCKED_MS = 30_000;

/** What an attempt is given by whoever starts it. */
export interface How {
  /** How long it may stand in the lane, in milliseconds. */
  laneBudgetMs: number;
  /** Absent = the operation's own. */
  laneClass?: LaneClass;
  timing?: Timing;
  /** The row and its connection as they were read a moment ago; a row that moved since is not claimed. */
  known?: { operation: StoredOperation; connection: OpenConnection };
}

/** Runs one queued operation: the same function in the API process and in a worker. Never rejects for what a provider or the lane store does. */
export async function execute(core: Core, operationId: string, how: How): Promise<void> {
  const { known, ...rest } = how;
  const operation =
    known?.operation ?? (await core.stores.operations.byId(core.database.direct, operationId));
  if (operation?.state !== 'queued') return;
  if (await expired(core, operation)) return;
  const connection = known?.connection ?? (await connectionOf(core, operation));
  if (!connection) return abandon(core, operation);
  if (connection.state === 'paused') return later(core, operation, 30_000);
  const again = (laneBudgetMs: number) => execute(core, operationId, { ...rest, laneBudgetMs });
  await new Attempt(core, operation, connection, rest, again).run();
}

/** Its time is over: what was not sent is withdrawn; what may have been is no longer repeated, and a person looks. */
async function expired(core: Core, operation: StoredOperation): Promise<boolean> {
  if (!operation.expiresAt || operation.expiresAt > core.now()) return false;
  if (!operation.writeSent) return withdraw(core, operation, 'expired');
  await handOver(core, operation, 'its time was over before an answer came');
  return true;
}

/** Its connection was deleted: what was not sent never will be, what may have been is for a person to look up. */
async function abandon(core: Core, operation: StoredOperation): Promise<void> {
  const detail = 'The connection was deleted before the request was sent; nothing was executed.';
  const problem = storedProblem(new Refusal('state-conflict', { detail }), operation.id);
  if (await withdraw(core, operation, 'cancelled', problem)) return;
  await handOver(core, operation, 'its connection was deleted');
}

/** To a person. Behind another call of its kind that is still open it waits, and is not looked at again and again. */
async function handOver(core: Core, operation: StoredOperation, reason: string): Promise<void> {
  const { database, stores, owner } = core;
  const answer = await stores.operations.claim(database.direct, operation, { owner, leaseMs: LEASE_MS });
  if ('claim' in answer) await lose(core, { operation, claim: answer.claim }, undefined, reason);
  else if (answer.blocked !== 'taken') await later(core, operation, BLOCKED_MS);
}
