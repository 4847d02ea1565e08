import type { Core } from './core.js';

const ROWS_AT_ONCE = 1_000;

/** Removes what has served its time: idempotency keys and kept answers after 30 days, the provider-call log after 14, ended consents at once. What was booked stays. */
export async function forgetOld(core: Core): Promise<void> {
  const { database, stores } = core;
  await stores.idempotency.prune(database.direct);
  while ((await stores.journal.pruneCalls(database.direct, ROWS_AT_ONCE)) >= ROWS_AT_ONCE);
  while ((await stores.operations.pruneResults(database.direct, ROWS_AT_ONCE)) >= ROWS_AT_ONCE);
  await stores.records.wipeEnded(database.direct);
}
