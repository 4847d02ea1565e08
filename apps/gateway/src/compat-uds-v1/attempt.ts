import { Refusal } from '#canonical';
import type { ErrorCode, Problem } from '#canonical';
import { answerOf, afterAcceptance, submit } from '#outbound';
import type { Submission, WriteAnswer } from '#outbound';
import type { StoredOperation, Tx } from '#persistence';
import type { Core } from '../core.js';
import type { Till } from './till.js';

/** Where an intent stands: the key of its next attempt, or the operation that it has become. */
export interface Attempt {
  key: string;
  standing?: StoredOperation;
}

const over = ['rejected', 'cancelled', 'expired'];
const open = ['queued', 'dispatching', 'unknown'];
const POLL_MS = 200;

/** Whether an operation ended without an effect. */
export const isOver = ({ state }: StoredOperation): boolean => over.includes(state);

/** Finds what became of an intent so far. A till repeats a refused sale under the same number: that is a new attempt. */
export async function attemptOf(
  { stores }: Core,
  tx: Tx,
  tenantId: string,
  reference: string,
): Promise<Attempt> {
  for (let key = reference; ;) {
    const known = await stores.idempotency.find(tx, tenantId, key);
    const operation = known?.operationId ? await stores.operations.byId(tx, known.operationId) : null;
    if (!operation) return { key };
    if (!isOver(operation)) return { key, standing: operation };
    key = `${reference}-${operation.id}`;
  }
}

/** Does it, or waits for what is being done; the operation's id once it is done. Throws the refusal, or 504 while nobody knows. */
export async function done(
  core: Core,
  till: Till,
  submission: Omit<Submission, 'audience'>,
): Promise<string> {
  return booked(await submit(core, { ...submission, audience: till.audience }, till.timing));
}

/** The same for what stands already: the truth about it, whatever the till says differently this time. */
export async function truthOf(core: Core, till: Till, standing: StoredOperation): Promise<string> {
  const answer = await afterAcceptance(standing.id, async () =>
    answerOf(core, await ended(core, standing, till.waitMs), { audience: till.audience }),
  );
  return booked(answer);
}

function booked({ status, body, operationId }: Omit<WriteAnswer, 'replayed'>): string {
  if (status < 300 && status !== 202) return operationId!;
  if (status !== 202) throw again(body as Problem);
  throw new Refusal('provider-timeout', {
    detail: 'The outcome is not known yet.',
    outcome: 'unknown',
    operationId: operationId ?? undefined,
  });
}

// A stored refusal, thrown once more so that it is told in the form of v1.
const again = ({ code, detail, errors, provider, maxRedeemPoints, outcome }: Problem): Refusal =>
  new Refusal(code as ErrorCode, { detail, errors, provider, maxRedeemPoints, outcome });

/** The operation once it has ended, or as it stands when the wait is over. */
export async function ended(
  core: Core,
  operation: StoredOperation,
  waitMs: number,
): Promise<StoredOperation> {
  const end = performance.now() + waitMs;
  for (;;) {
    const left = end - performance.now();
    // The listener stands before the row is read, so that nothing that happens in between is missed.
    const woken = left > 0 ? core.notifications.wait(operation.id, Math.min(POLL_MS, left)) : undefined;
    const now = (await core.stores.operations.byId(core.database.direct, operation.id)) ?? operation;
    if (!open.includes(now.state) || !woken) return now;
    await woken;
  }
}
