import { Refusal } from '#canonical';
import { isUniqueViolation } from '#persistence';

/** Runs a write and turns a broken unique index into a 409 with this sentence. */
export async function unlessTaken<T>(work: Promise<T>, detail: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isUniqueViolation(error)) throw new Refusal('state-conflict', { detail });
    throw error;
  }
}
