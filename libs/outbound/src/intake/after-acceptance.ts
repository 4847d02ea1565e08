import { Refusal } from '#canonical';
import { isStoreAway } from '#persistence';

/** Reads the accepted operation. If Postgres is away by then, the write still runs: throws `dependency-unavailable` with the outcome `unknown`, never `not-executed`. */
export async function afterAcceptance<T>(operationId: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Refusal || !isStoreAway(error)) throw error;
    throw new Refusal('dependency-unavailable', {
      outcome: 'unknown',
      operationId,
      detail: `The write was accepted (${operationId}), but its outcome cannot be read now. Repeat it with the same Idempotency-Key, or read GET /v1/operations/${operationId}.`,
      cause: error,
    });
  }
}
