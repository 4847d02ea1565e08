import { Refusal } from '#canonical';
import { isStoreAway } from '#persistence';

const COME_BACK_SECONDS = 2;

/** Looks at what was taken in. Where it cannot be read any more the write goes on all the same: throws `dependency-unavailable` with the outcome `unknown`, never "nothing was done". */
export async function onceTakenIn<T>(operationId: string, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Refusal || !isStoreAway(error)) throw error;
    throw new Refusal('dependency-unavailable', {
      outcome: 'unknown',
      operationId,
      detail: `The write was taken in (${operationId}), and what became of it cannot be read now. Repeat it with the same Idempotency-Key, or ask GET /v1/operations/${operationId}.`,
      retryAfterSeconds: COME_BACK_SECONDS,
      cause: error,
    });
  }
}
