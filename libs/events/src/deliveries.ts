import { Refusal } from '#canonical';
import type { Delivery } from '#canonical';
import type { StoredDelivery, Tx } from '#persistence';
import type { EventCore } from './event-core.js';

/** A delivery as shown by the API. */
export function deliveryOf(stored: StoredDelivery): Delivery {
  const { id, subscriptionId, eventId, eventType, attempts } = stored;
  return {
    id,
    subscriptionId,
    eventId,
    eventType,
    status: stored.status as Delivery['status'],
    attempts,
    ...(stored.lastStatus !== null && { lastStatus: stored.lastStatus }),
    ...(stored.lastError !== null && { lastError: stored.lastError }),
    ...(stored.nextAt && { nextAt: stored.nextAt.toISOString() }),
    ...(stored.deliveredAt && { deliveredAt: stored.deliveredAt.toISOString() }),
    createdAt: stored.createdAt.toISOString(),
  };
}

/** Sends a delivery again, whatever its status, under the same `webhook-id`; its attempts start over. */
export async function replayDelivery(
  { subscriptions, deliveries }: EventCore,
  tx: Tx,
  tenantId: string,
  id: string,
): Promise<Delivery> {
  const stored = await deliveries.find(tx, tenantId, id);
  if (!stored) throw new Refusal('not-found', { detail: `There is no delivery ${id}.` });
  const subscription = await subscriptions.byId(tx, stored.subscriptionId);
  if (subscription?.state !== 'active') {
    const named = `The subscription ${stored.subscriptionId} is`;
    const detail =
      subscription?.state === 'disabled'
        ? `${named} disabled: POST /v1/subscriptions/${stored.subscriptionId}/test reactivates it.`
        : `${named} deleted: nothing is sent to it any more.`;
    throw new Refusal('state-conflict', { detail });
  }
  await deliveries.replay(tx, tenantId, id);
  await subscriptions.wake(tx);
  return deliveryOf((await deliveries.find(tx, tenantId, id))!);
}
