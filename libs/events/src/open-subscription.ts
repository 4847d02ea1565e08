import { SealBroken } from '#persistence';
import type { StoredSubscription } from '#persistence';
import type { EventCore } from './event-core.js';
import { eventQueueName } from './queue-names.js';

/**
 * A subscription ready for delivery: with decrypted secrets, which are kept only while it is in use, or its queue's full name.
 * `sealed`: a webhook whose secret cannot be decrypted, so nothing can be sent to it.
 */
export interface OpenSubscription {
  id: string;
  tenantId: string;
  target:
    | { type: 'webhook'; url: string; secrets: string[] }
    | { type: 'queue'; name: string }
    | { type: 'sealed' };
}

/** Opens a stored subscription for its deliveries; if its secret cannot be decrypted, the operator is informed. */
export async function openForDelivery(
  events: EventCore,
  stored: StoredSubscription,
): Promise<OpenSubscription> {
  try {
    return await openSubscription(events, stored);
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    const { id, tenantId } = stored;
    events.core.log('warn', 'a webhook is not sent: its signing secret does not open', {
      subscriptionId: id,
      error: String(error),
    });
    return { id, tenantId, target: { type: 'sealed' } };
  }
}

/** Opens a stored subscription; throws `SealBroken` if its secret was moved or altered. */
export async function openSubscription(
  events: EventCore,
  stored: StoredSubscription,
): Promise<OpenSubscription> {
  const { id, tenantId } = stored;
  if (stored.targetType === 'webhook') {
    return {
      id,
      tenantId,
      target: { type: 'webhook', url: stored.url!, secrets: secretsOf(events, stored) },
    };
  }
  const tenant = await events.tenants.find(events.core.database.direct, tenantId);
  if (!tenant) throw new Error(`The tenant ${tenantId} is gone.`);
  return { id, tenantId, target: { type: 'queue', name: eventQueueName(tenant.slug, stored.queueName!) } };
}

/** The owner that a sealed webhook secret is bound to. */
export const secretOwner = ({ id, tenantId }: { id: string; tenantId: string }): string =>
  `${tenantId}/${id}`;

function secretsOf({ core }: EventCore, stored: StoredSubscription): string[] {
  const { secret, previousSecret, previousUntil } = stored;
  const open = (sealed: Buffer) => core.vault.open<string>('webhook-secret', secretOwner(stored), sealed);
  const secrets = secret === null ? [] : [open(secret)];
  if (!previousSecret || !previousUntil || previousUntil <= core.now()) return secrets;
  try {
    return [...secrets, open(previousSecret)];
  } catch (error) {
    // An old secret that cannot be decrypted was rotated for that reason.
    if (error instanceof SealBroken) return secrets;
    throw error;
  }
}
