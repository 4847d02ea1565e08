import { randomUUID } from 'node:crypto';
import type { Core } from '../core.js';

/** Equal calls that bear no number of their own count as one for so long, in milliseconds. */
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
  const name = named(core, parts);
  return lasting
    ? name
    : joined(core, { tenantId, key: `join-${name}`, reference: named(core, [...parts, randomUUID()]) });
}

const named = (core: Core, parts: readonly string[]): string =>
  `v1-${core.vault.fingerprint('v1-intent', JSON.stringify(parts)).slice(0, 32)}`;

interface Mark {
  tenantId: string;
  key: string;
  /** Stands if nobody wanted the same within the window. */
  reference: string;
}

// The first who wants it leaves a row; whoever comes within two minutes of THAT moment finds it, so that no border of a
// clock can part two calls. Postgres lets one of two equal inserts wait for the other: that orders them over processes.
async function joined(core: Core, { tenantId, key, reference }: Mark): Promise<string> {
  const { database, stores } = core;
  const row = { tenantId, key, fingerprint: reference };
  return database.transaction(async tx => {
    const standing = await stores.idempotency.take(tx, row);
    if (!standing) return reference;
    if (core.now().getTime() - standing.createdAt.getTime() < JOINED_MS) return standing.fingerprint;
    await stores.idempotency.release(tx, tenantId, key);
    const sooner = await stores.idempotency.take(tx, row);
    return sooner?.fingerprint ?? reference;
  });
}
