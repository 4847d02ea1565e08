import type { PurchaseData } from '#canonical';
import type { ResourceContext } from './kind.js';

/** Whether an answer about another receipt is, or may be, that of the sale with this receipt: one that is on its way has no number yet, one in review or settled by a person never got it. */
export async function mayBeAnothers(context: ResourceContext, data: PurchaseData): Promise<boolean> {
  const { core, tx, operation } = context;
  // In this order: a sale that is answered in between has its number by then.
  const unnumbered = await core.stores.twins.isWithoutId(tx, operation.id, data.otherReceipt!);
  return unnumbered || isAnothers(context, { providerOperationId: data.providerOperationId });
}

/** Whether the provider's number belongs to another sale of the connection; if the time is named, to one of that time. */
export const isAnothers = (
  { core, tx, operation, connection }: ResourceContext,
  { providerOperationId, providerTime }: Pick<PurchaseData, 'providerOperationId' | 'providerTime'>,
): Promise<boolean> =>
  core.stores.twins.isAnothers(tx, 'purchases', {
    connectionId: connection.id,
    id: operation.resourceId,
    providerOperationId,
    providerTime,
  });
