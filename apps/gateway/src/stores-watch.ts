import type { Core } from './core.js';

const PATIENCE_MS = 2_000;

/** A store that cannot be used, and why. */
interface Away {
  name: string;
  reason: string;
}

/** Whether a process can use its stores. It is asked every few seconds: the log tells what changed, once. */
export class StoresWatch {
  #told = '';

  constructor(private readonly core: Pick<Core, 'database' | 'jobs' | 'log'>) {}

  /** The stores that cannot be used now, in words; empty when all can. */
  async look(): Promise<string> {
    const looks = await Promise.all([
      away('Postgres (DATABASE_URL)', this.core.database.ping()),
      away('Redis (REDIS_URL)', this.core.jobs.ping()),
    ]);
    const missing = looks.filter(one => one !== undefined);
    const names = missing.map(({ name }) => name).join(' and ');
    if (names !== this.#told) this.#tell(names, missing);
    this.#told = names;
    return names;
  }

  #tell(names: string, missing: Away[]): void {
    if (names === '') return this.core.log('info', 'ready again');
    const reasons = missing.map(({ reason }) => reason).join('; ');
    this.core.log('error', `not ready: ${names} cannot be used`, { reasons });
  }
}

async function away(name: string, answer: Promise<void>): Promise<Away | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Away>(resolve => {
    const reason = `no answer within ${PATIENCE_MS} ms`;
    timer = setTimeout(() => resolve({ name, reason }), PATIENCE_MS);
  });
  const asked = answer.then(
    () => undefined,
    (error: Error) => ({ name, reason: error.message }),
  );
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}
