import type { JournalStore } from '#persistence';
import type { Caller } from '../auth/caller.js';

/** What somebody did to what. */
export interface Deed {
  /** `connection.created`, `api-key.revoked`. */
  action: string;
  resource: { type: string; id: string };
  note?: string;
  requestId?: string;
}

/** A line for `core.stores.journal.audit`, to be written in the deed's own transaction. */
export function auditRow(caller: Caller, deed: Deed): Parameters<JournalStore['audit']>[1] {
  const { action, resource, note, requestId } = deed;
  return {
    tenantId: caller.tenantId,
    actor: caller.keyId,
    action,
    subject: resource.id,
    detail: { actorName: caller.keyName, resource, note, requestId },
  };
}
