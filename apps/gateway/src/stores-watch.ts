import type { Core } from './core.js';
import { within } from './within.js';

const PATIENCE_MS = 2_000;

/** A store that cannot be used, and why. */
export interface Away {
  store: 'postgres' | 'redis';
  reason: string;
}

const names: Record<Away['store'], string> = {
  postgres: 'Postgres (DATABASE_URL)',
  redis: 'Redis (REDIS_URL)',
};

/** Whether a process can use its stores. It is asked every few seconds: the log tells what changed, once. */
export class StoresWatch {
  #told = '';

  constructor(private readonly core: Pick<Core, 'database' | 'jobs' | 'log'>) {}

  /** The stores that cannot be used now. */
  async away(): Promise<Away[]> {
    const { database, jobs } = this.core;
    const looks = await Promise.all([lookAt('postgres', database.ping()), lookAt('redis', jobs.ping())]);
    const missing = looks.filter(one => one !== undefined);
    this.#tell(missing);
    return missing;
  }

  /** The same in words; empty when all can be used. */
  async look(): Promise<string> {
    return wordsOf(await this.away());
  }

  #tell(missing: readonly Away[]): void {
    const words = wordsOf(missing);
    if (words === this.#told) return;
    this.#told = words;
    if (words === '') return this.core.log('info', 'ready again');
    const reasons = missing.map(({ reason }) => reason).join('; ');
    this.core.log('error', `not ready: ${words} cannot be used`, { reasons });
  }
}

const wordsOf = (missing: readonly Away[]): string => missing.map(({ store }) => names[store]).join(' and ');

async function lookAt(store: Away['store'], answer: Promise<void>): Promise<Away | undefined> {
  return within(PATIENCE_MS, answer).then(
    () => undefined,
    // A name with several addresses fails with an empty message.
    (error: NodeJS.ErrnoException) => ({ store, reason: error.message || (error.code ?? '') }),
  );
}
