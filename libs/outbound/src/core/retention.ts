import type { Core } from './core.js';

const ROWS_AT_ONCE = 1_000;

/** Removes what has served its time: idempotency keys and kept answers after 30 days, the provider-call log after 14, ended consents at once. What was booked stays. */
export async function forgetOld(core: Core): Promise<void> {
  const { direct } = core.database;
  const { consents, idempotency, journal, operations } = core.stores;
  await tidy(core, 'idempotency keys', () => idempotency.prune(direct, ROWS_AT_ONCE));
  await tidy(core, 'provider calls', () => journal.pruneCalls(direct, ROWS_AT_ONCE));
  await tidy(core, 'kept answers', () => operations.pruneResults(direct, ROWS_AT_ONCE));
  await tidy(core, 'ended consents', () => consents.wipeEnded(direct, ROWS_AT_ONCE));
}

/** What cannot be removed now must not keep the rest from going. */
async function tidy(core: Core, what: string, remove: () => Promise<number>): Promise<void> {
  try {
    while ((await remove()) >= ROWS_AT_ONCE);
  } catch (error) {
    core.log('warn', `${what} whose time is over could not be removed`, { error: String(error) });
  }
}
