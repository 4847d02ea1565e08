import { codeOf } from './error-code.js';

// Postgres: connection lost or refused (08…), read-only (25006), no more disk, memory or connections (53100, 53200, 53300), a statement
// cancelled, as after its timeout (57014), shutting down or starting (57P…).
const storeAway =
  /^(08\d{3}|25006|53[123]00|57014|57P0[1-5]|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
const storeWords =
  /Connection (terminated|is closed)|is not queryable|runner (was )?already released|connection timeout|timeout exceeded when trying to connect|Query read timeout/i;

/** A store is unreachable or refuses work now, where we say so ourselves; drivers say it by codes and words. */
export class StoreAway extends Error {}

/** Whether an error means that Postgres, or the store of lanes and queues, is unreachable or refuses work now. */
export function isStoreAway(error: unknown): boolean {
  const { message } = error as { message?: string };
  return error instanceof StoreAway || storeAway.test(codeOf(error)) || storeWords.test(message ?? '');
}
