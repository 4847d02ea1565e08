import { Refusal, outcomeOf } from '#canonical';
import type { ErrorCode, Problem } from '#canonical';
import { answerOf, afterAcceptance, submit, waitForEnd } from '#outbound';
import type { Submission, WriteAnswer } from '#outbound';
import type { StoredOperation, Tx } from '#persistence';
import type { Core } from '../core.js';
import type { Till } from './till.js';

/** The state of an intent: the key of its next attempt, or its operation. */
export interface IntentState {
  key: string;
  standing?: StoredOperation;
}

/** Whether an operation ended without an effect. */
export const isOver = ({ state }: StoredOperation): boolean => outcomeOf(state) === 'not-executed';

/** Finds the state of an intent. A till repeats a refused sale under the same number: that is a new attempt. */
export async function intentStateOf(
  { stores }: Core,
  tx: Tx,
  tenantId: string,
  reference: string,
): Promise<IntentState> {
  for (let key = reference; ;) {
    const known = await stores.idempotency.find(tx, tenantId, key);
    const operation = known?.operationId ? await stores.operations.byId(tx, known.operationId) : null;
    if (!operation) return { key };
    if (!isOver(operation)) return { key, standing: operation };
    key = `${reference}-${operation.id}`;
  }
}

/** Submits the write or waits for a running one; returns the operation's id. Throws the refusal, or 504 while the outcome is unknown. */
export async function done(
  core: Core,
  till: Till,
  submission: Omit<Submission, 'audience'>,
): Promise<string> {
  return booked(await submit(core, { ...submission, audience: till.audience }, till.timing));
}

/** The same for an existing operation, even if the till's optional fields differ. */
export async function truthOf(core: Core, till: Till, standing: StoredOperation): Promise<string> {
  const answer = await afterAcceptance(standing.id, async () =>
    answerOf(core, await waitForEnd(core, standing, till.waitMs), { audience: till.audience }),
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

// Rethrows a stored refusal, to be sent in v1 format.
const again = ({ code, detail, errors, provider, maxRedeemPoints, outcome }: Problem): Refusal =>
  new Refusal(code as ErrorCode, { detail, errors, provider, maxRedeemPoints, outcome });
