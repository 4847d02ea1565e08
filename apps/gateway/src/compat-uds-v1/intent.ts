import { randomUUID } from 'node:crypto';
import type { StoredKey, Tx } from '#persistence';
import type { Core } from '../core.js';
import { intentStateOf } from './attempt.js';

/** Equal calls without a number count as one for so long after the first and after its outcome, in milliseconds. */
const JOINED_MS = 120_000;

/** What a till wants done, identified by texts. */
export interface TillIntent {
  tenantId: string;
  parts: readonly string[];
  /** The parts identify it permanently (an invoice number, a whole revert): a repeat has no time limit. */
  lasting: boolean;
}

/** The merchant reference of an intent: the same for every repeat, and it does not reveal the parts. */
export async function referenceOf(core: Core, { tenantId, parts, lasting }: TillIntent): Promise<string> {
  const name = nameOf(core, parts);
  return lasting
    ? name
    : joined(core, { tenantId, key: `join-${name}`, reference: nameOf(core, [...parts, randomUUID()]) });
}

/** A name that does not reveal the parts. */
export const nameOf = (core: Core, parts: readonly string[]): string =>
  `v1-${core.vault.fingerprint('v1-intent', JSON.stringify(parts)).slice(0, 32)}`;

interface Mark {
  tenantId: string;
  key: string;
  /** Used if there is no equal intent within the window. */
  reference: string;
}

// The first call leaves a row; a call within two minutes of it finds that row, so that no clock boundary separates two
// calls. The row also counts while the outcome is unknown, and for as long after it is known: a till that was told to
// repeat must not buy twice. A key taken and released in one transaction serializes calls across processes, and its row
// gives Postgres's time: the clocks of two hosts may differ by more than the window.
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

/** The time (ms) of a mark's first call or of its outcome, whichever is later; Infinity = the outcome is unknown. */
async function lastNews(core: Core, tx: Tx, mark: StoredKey): Promise<number> {
  const { standing } = await intentStateOf(core, tx, mark.tenantId, mark.fingerprint);
  const known = standing?.state === 'succeeded' ? (standing.finishedAt?.getTime() ?? 0) : Infinity;
  return Math.max(mark.createdAt.getTime(), standing ? known : 0);
}
