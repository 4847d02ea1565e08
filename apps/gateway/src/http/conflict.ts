import { Refusal } from '#canonical';

/** Runs a write and turns a broken unique index into a 409 with this sentence. */
export async function unlessTaken<T>(work: Promise<T>, detail: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { driverError } = error as { driverError?: { code?: string } };
    if (driverError?.code === '23505') throw new Refusal('state-conflict', { detail });
    throw error;
  }
}
