import { money } from '#canonical';
import type { Operation, Receipt } from '#canonical';
import type { StoredOperation, Tx } from '#persistence';
import type { Core } from '../core/core.js';
import { holdView } from '../holds/holds.js';

/** What a purchase, a refund or a hold asked for; `undefined` for other writes. */
export async function figuresOf(
  { stores }: Pick<Core, 'stores'>,
  tx: Tx,
  { tenantId, resourceType, resourceId }: StoredOperation,
): Promise<Operation['figures']> {
  if (resourceType === 'purchase') {
    const purchase = await stores.purchases.find(tx, tenantId, resourceId);
    if (!purchase) return undefined;
    const { total, redeemPoints } = purchase.receipt as unknown as Receipt;
    return { amount: total, ...(redeemPoints !== undefined && { points: redeemPoints }) };
  }
  if (resourceType === 'refund') {
    const refund = await stores.refunds.find(tx, tenantId, resourceId);
    return refund ? { amount: money(refund.amount, refund.currency) } : undefined;
  }
  if (resourceType !== 'hold') return undefined;
  const hold = await stores.holds.find(tx, tenantId, resourceId);
  return hold ? { points: holdView(hold).points } : undefined;
}
