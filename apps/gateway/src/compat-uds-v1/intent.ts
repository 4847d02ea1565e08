import { randomUUID } from 'node:crypto';
import type { StoredKey, Tx } from '#persistence';
import type { Core } from '../core.js';
import { attemptOf } from './attempt.js';

/** Equal calls that bear no number of their own count as one for so long after the first and after its outcome, in milliseconds. */
const JOINED_MS = 120_000;

/** What a till wants done, in texts that make it this and nothing else. */
export interface TillIntent {
  tenantId: string;
  parts: readonly string[];
  /** The parts name it once and for all (an invoice number, a whole revert): a repeat is a repeat for ever. */
  lasting: boolean;
}

/** The merchant's reference of an intent: the same for every repeat, and no word of the parts can be read from it. */
export async function referenceOf(core: Core, { tenantId, parts, lasting }: TillIntent): Promise<string> {
  const name = nameOf(core, parts);
  return lasting
    ? name
    : joined(core, { tenantId, key: `join-${name}`, reference: nameOf(core, [...parts, randomUUID()]) });
}

/** A name that nobody can read the parts from. */
export const nameOf = (core: Core, parts: readonly string[]): string =>
  `v1-${core.vault.fingerprint('v1-intent', JSON.stringify(parts)).slice(0, 32)}`;

interface Mark {
  tenantId: string;
  key: string;
  /** Stands if nobody wanted the same within the window. */
  reference: string;
}

// The first who wants it leaves a row; whoever comes within two minutes of THAT moment finds it, so that no border of a
// clock can part two calls. While its outcome is unknown, and for as long after it is known, the same row is found: a till
// that was told to ask again must not buy twice by it. A key that is taken and given back in one transaction orders them
// over all processes, and its row tells Postgres's own time: the clocks of two hosts may differ by more than a window.
async function joined(core: Core, { tenantId, key, reference }: Mark): Promise<string> {
  const { database, stores } = core;
  const turn = { tenantId, key: `${key}-turn`, fingerprint: key };
  return database.transaction(async tx => {
    await stores.idempotency.take(tx, turn);
    const now = (await stores.idempotency.find(tx, tenantId, turn.key))!.createdAt;
    const standing = await stores.idempotency.find(tx, tenantId, key);
    const fresh = standing && now.getTime() - (await lastNews(core, tx, standing)) < JOINED_MS;
    if (standing && !fresh) await stores.idempotency.release(tx, tenantId, key);
    if (!fresh) await stores.idempotency.take(tx, { tenantId, key, fingerprint: reference });
    await stores.idempotency.release(tx, tenantId, turn.key);
    return fresh ? standing.fingerprint : reference;
  });
}

/** When something was last new about what a mark stands for (ms): its first call, or its outcome; Infinity = nobody knows it yet. */
async function lastNews(core: Core, tx: Tx, mark: StoredKey): Promise<number> {
  const { standing } = await attemptOf(core, tx, mark.tenantId, mark.fingerprint);
  const known = standing?.state === 'succeeded' ? (standing.finishedAt?.getTime() ?? 0) : Infinity;
  return Math.max(mark.createdAt.getTime(), standing ? known : 0);
}
