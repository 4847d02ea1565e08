import { crashPoint } from '#crash-point';
import { CommitInDoubt } from '#persistence';
import type { StoredOperation } from '#persistence';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import type { Prepared } from '../kinds/kind.js';
import type { Slot } from '../lanes/lanes.js';
import { primePlan } from '../run/primed-plan.js';
import type { HeadStart } from '../run/primed-plan.js';
import { withRetries } from '../run/settle.js';
import type { Draft } from './new-row.js';
import type { Submission } from './submission.js';

/** What acceptance needs to store an operation as claimed. */
export type FreeStart = Pick<HeadStart, 'slot' | 'primed'>;

/** How long acceptance waits for the lane's answer, in milliseconds: it holds a connection to Postgres meanwhile. */
const PATIENCE_MS = 25;

/** Takes a start of the lane if one is free now and the request with the effect comes first: the write can then be accepted and claimed in one commit. `undefined` = to be accepted as `queued`. */
export async function takeFreeStart(
  core: Core,
  { connection, kind, waitMs }: Submission,
  prepared: Prepared,
  draft: Draft,
): Promise<FreeStart | undefined> {
  if (waitMs <= 0 || kind.laneClass !== 'interactive') return undefined;
  if (core.breakers.of(connection.lane.fingerprint).isOpen()) return undefined;
  if (prepared.serialKey && (await isLine(core, connection, prepared.serialKey))) return undefined;
  const primed = primePlan(core, connection, prepared, draft);
  const slot = primed && (await answerSoon(core, connection));
  if (!slot) return undefined;
  crashPoint('dispatch:unclaimed');
  return { slot, primed };
}

const isLine = ({ stores, database }: Core, { lane }: OpenConnection, serialKey: string): Promise<boolean> =>
  stores.turns.isLine(database.direct, { lane: lane.fingerprint, serialKey });

/** The lane's answer; a start that comes too late goes back to the lane. */
async function answerSoon(core: Core, { lane }: OpenConnection): Promise<Slot | undefined> {
  let late = false;
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>(resolve => {
    timer = setTimeout(() => {
      late = true;
      resolve(undefined);
    }, PATIENCE_MS);
  });
  const answer = core.lanes.enter(lane, 'interactive', 0).then(
    start => {
      if (!start.granted) return undefined;
      if (late) core.lanes.giveBack(start);
      return start;
    },
    () => undefined,
  );
  try {
    return await Promise.race([answer, patience]);
  } finally {
    clearTimeout(timer);
  }
}

/** The operation was not accepted with its head start: the start goes back to the lane. If the commit is in doubt, the row goes back to the queue, since nothing was sent. */
export function giveUpHeadStart(core: Core, { slot }: FreeStart, operationId: string, error: unknown): void {
  core.lanes.giveBack(slot);
  if (!(error instanceof CommitInDoubt)) return;
  const back = { wakeAt: core.now(), reason: 'late', doubtful: false };
  // The fence with which `addClaimed` stores a row.
  const claim = { id: operationId, fence: 1 };
  const work = withRetries(() => core.stores.operations.requeue(core.database.direct, claim, back));
  core.background.run(work, failed =>
    core.log('warn', 'an operation that was not sent is swept up later', {
      operationId,
      error: String(failed),
    }),
  );
}

/** The row as it was before its claim, which is what an attempt starts from. */
export const unclaimed = (row: StoredOperation): StoredOperation => ({
  ...row,
  state: 'queued',
  outcome: 'not-executed',
  fence: 0,
  attempts: 0,
  writeSent: false,
  firstSentAt: null,
  lastSentAt: null,
});
