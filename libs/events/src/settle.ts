import type { DueDelivery, EndedTry } from '#persistence';
import type { EventCore } from './event-core.js';
import { afterFailure, GIVE_UP_AFTER_MS } from './retry-schedule.js';
import type { Verdict } from './verdict.js';

/** What a try's verdict means for its delivery. */
export function endingOf(
  { settings }: Pick<EventCore, 'settings'>,
  { id, attempts }: Pick<DueDelivery, 'id' | 'attempts'>,
  verdict: Verdict,
): EndedTry {
  const { lastStatus } = verdict;
  if (verdict.kind === 'delivered') return { id, attempts, status: 'delivered', lastStatus };
  const next =
    verdict.kind === 'failed'
      ? afterFailure(attempts, settings.schedule, verdict.restMs)
      : { status: 'dead' as const };
  return { id, attempts, ...next, lastStatus, lastError: verdict.lastError };
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
