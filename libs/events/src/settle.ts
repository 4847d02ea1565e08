import type { DueDelivery } from '#persistence';
import type { EventCore } from './event-core.js';
import { afterFailure, GIVE_UP_AFTER_MS } from './retry-schedule.js';
import type { Verdict } from './verdict.js';

/** Writes what became of a try; a stale result of another process is dropped, for the event came through twice at worst. */
export async function settleTry(
  { core, deliveries, settings }: EventCore,
  { id, attempts }: Pick<DueDelivery, 'id' | 'attempts'>,
  verdict: Verdict,
): Promise<void> {
  const { lastStatus } = verdict;
  const next =
    verdict.kind === 'failed' ? afterFailure(attempts, settings.schedule) : { status: 'dead' as const };
  await deliveries.settle(
    core.database.direct,
    id,
    attempts,
    verdict.kind === 'delivered'
      ? { status: 'delivered', lastStatus }
      : { ...next, lastStatus, lastError: verdict.lastError },
  );
}

/** Takes a subscription out of service and says so with an event; what waits for it is given up and can be replayed. */
export async function disable(
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

/** Remembers whether anything gets through, and gives up on a receiver that nothing has reached for five days. */
export async function noteHealth(
  events: EventCore,
  subscription: { id: string; tenantId: string },
  reached: boolean,
): Promise<void> {
  const { core, subscriptions } = events;
  const since = await subscriptions.noteFailing(core.database.direct, subscription.id, !reached);
  if (since && core.now().getTime() - since.getTime() >= GIVE_UP_AFTER_MS)
    await disable(events, subscription, 'failing');
}
