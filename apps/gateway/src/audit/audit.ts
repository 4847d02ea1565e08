import type { JournalStore, OpenTx } from '#persistence';
import type { Caller } from '../auth/caller.js';
import type { Core } from '../core.js';

/** What somebody did to what. */
interface Deed {
  /** The kind of resource, and what was done to it: `connection.created`, `api-key.revoked`. */
  action: `${string}.${string}`;
  /** The resource's. */
  id: string;
  note?: string;
  requestId?: string;
}

/** The line of the audit log that says who did it. */
export function auditRow(
  { tenantId, keyId, keyName }: Caller,
  { action, id, note, requestId }: Deed,
): Parameters<JournalStore['audit']>[1] {
  const resource = { type: action.split('.')[0]!, id };
  const detail = { actorName: keyName, resource, note, requestId };
  return { tenantId, actor: keyId, action, subject: id, detail };
}

/** Writes the line in the transaction of the deed itself. */
export const audit = (core: Core, tx: OpenTx, caller: Caller, deed: Deed): Promise<void> =>
  core.stores.journal.audit(tx, auditRow(caller, deed));
