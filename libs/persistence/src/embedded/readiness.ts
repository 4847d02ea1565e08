import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { CannotStart } from './cannot-start.js';

const DEADLINE_MS = 120_000;

/** Waits until the server lets us in. Throws CannotStart when it ended, or does not answer for two minutes. */
export async function untilAnswering(url: string, ended: Promise<string>): Promise<void> {
  let lastWords: string | undefined;
  void ended.then(words => (lastWords = words));
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await answers(url))) {
    if (lastWords) throw new CannotStart(lastWords);
    if (Date.now() > deadline) throw new CannotStart('PostgreSQL did not answer within two minutes.');
    await pause(20);
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    const { code = '' } = error as { code?: string };
    // 57P03: it listens, and is still recovering.
    if (['ECONNREFUSED', 'ECONNRESET', '57P03'].includes(code)) return false;
    throw error;
  } finally {
    await client.end().catch(() => {});
  }
}
