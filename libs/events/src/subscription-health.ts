import type { EventCore } from './event-core.js';
import { GIVE_UP_AFTER_MS } from './retry-schedule.js';

/** Disables a subscription and announces it with an event; its pending deliveries are given up and can be replayed. */
export async function disableSubscription(
  { core, subscriptions, deliveries }: EventCore,
  { id, tenantId }: { id: string; tenantId: string },
  reason: 'gone' | 'failing',
): Promise<void> {
  await core.database.transaction(async tx => {
    if (!(await subscriptions.disable(tx, id, reason))) return;
    await deliveries.giveUpUnwanted(tx);
    await core.stores.events.append(tx, {
      tenantId,
      connectionId: null,
      type: 'subscription.disabled',
      resourceType: 'subscription',
      resourceId: id,
      data: { state: 'disabled', reason },
    });
  });
}

/** Records whether deliveries succeed, and disables a subscription without a successful delivery for five days. */
export async function noteHealth(
  events: EventCore,
  subscription: { id: string; tenantId: string },
  reached: boolean,
): Promise<void> {
  const { core, subscriptions } = events;
  const since = await subscriptions.recordFailing(core.database.direct, subscription.id, !reached);
  if (since && core.now().getTime() - since.getTime() >= GIVE_UP_AFTER_MS)
    await disableSubscription(events, subscription, 'failing');
}
