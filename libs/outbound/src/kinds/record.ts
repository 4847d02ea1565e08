import type { StoredRecord, Tx } from '#persistence';
import { belongingTo } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import type { ResourceContext } from './kind.js';

/** Writes the row of a resource that has no table of its own, when its operation is accepted. */
export const insertRecord = (
  { core, tx, connection }: Omit<ResourceContext, 'operation'>,
  { id, resourceId }: { id: string; resourceId: string },
  row: { type: string; body: object; customerId?: string } & Partial<
    Pick<StoredRecord, 'stateHash' | 'expiresAt'>
  >,
): Promise<void> =>
  core.stores.records.insert(tx, {
    id: resourceId,
    ...belongingTo(connection),
    operationId: id,
    ...row,
    body: { ...row.body },
  });

/** Fills the row in with what the provider told; nothing personal may stand in `body`. `taken` = the provider's reference is another write's. */
export const fillRecord = (
  { core, tx, operation }: Omit<ResourceContext, 'connection'>,
  body: Record<string, unknown> & { providerRef?: string },
): Promise<{ taken: boolean }> =>
  core.stores.records.complete(
    tx,
    { ...operation, id: operation.resourceId },
    { body, providerRef: body.providerRef },
  );

/** The row that an operation made. */
export async function recordOf(core: Core, tx: Tx, operation: { id: string }): Promise<StoredRecord> {
  const record = await core.stores.records.byOperation(tx, operation.id);
  if (!record) throw new Error(`The operation ${operation.id} has lost its record.`);
  return record;
}
