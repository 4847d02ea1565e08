import { Refusal } from '#canonical';
import type { AuditInsert, StoredCustomer } from '#persistence';
import { assertRemembered } from '../reads/resolve-who.js';
import type { Core } from './core.js';

/** Forgets a person, and writes the line of the audit log in the same transaction. Throws `not-found` for one who is forgotten already, and `state-conflict` while something of theirs is open. */
export async function forgetCustomer(core: Core, customer: StoredCustomer, line: AuditInsert): Promise<void> {
  // Nothing is kept under this id: whoever the person is now would stay.
  assertRemembered(customer);
  const { database, callLog, stores } = core;
  // What is still to be written of them must be there to be erased.
  await callLog.flushed();
  await database.transaction(async tx => {
    const open = await stores.balances.openOf(tx, customer, core.now());
    if (open.length > 0) throw stillOpen(open);
    if (!(await stores.customers.erase(tx, customer.tenantId, customer.id))) throw new Refusal('not-found');
    await stores.journal.audit(tx, line);
  });
}

const MOST_NAMED = 5;

// Whoever comes back gets a new id, and nothing would show that these are the same person's: a lost answer would be judged by a
// balance that their next sale changed, and points could be spent or held twice.
function stillOpen(ids: string[]): Refusal {
  const [named, more] = [ids.slice(0, MOST_NAMED).join(', '), ids.length - MOST_NAMED];
  return new Refusal('state-conflict', {
    detail: `Of this customer these are still open: ${named}${more > 0 ? ` and ${more} more` : ''}. Nothing was erased. Wait until they have ended, or end them: an operation (opr_…) with POST /v1/operations/{id}/cancel while it is queued, or /resolve once its outcome is unknown or in review; a hold (hld_…) with POST /v1/holds/{id}/release, or it expires within half an hour. Then erase again.`,
    operationId: ids.find(id => id.startsWith('opr_')),
  });
}
