import { SealBroken } from '#persistence';
import type { DueDelivery, StoredEvent, StoredSubscription } from '#persistence';
import type { EventCore } from './event-core.js';
import { messageOf } from './message.js';
import { eventQueueName } from './queue-names.js';
import { signatureHeaders } from './signature.js';
import { verdictOf } from './verdict.js';
import type { Verdict } from './verdict.js';

const DAY_S = 24 * 3600;
/** An answer's body is not wanted; a receiver that sends one anyway is not punished for it. */
const MOST_ANSWER_BYTES = 64 * 1024;

/** A subscription ready for use: its secrets opened, its queue named. They live only as long as the work. */
export interface OpenSubscription {
  id: string;
  tenantId: string;
  target: { type: 'webhook'; url: string; secrets: string[] } | { type: 'queue'; name: string };
}

/** Opens a stored subscription; throws `SealBroken` when its secret was moved or altered. */
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

/** To whom a sealed secret belongs. */
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
    // One that does not open was rotated away for that very reason.
    if (error instanceof SealBroken) return secrets;
    throw error;
  }
}

/** Tries once to hand an event over. Never rejects. */
export async function attempt(
  events: EventCore,
  { target }: OpenSubscription,
  { event }: Pick<DueDelivery, 'event'>,
): Promise<Verdict> {
  return target.type === 'webhook' ? post(events, target, event) : enqueue(events, target.name, event);
}

async function post(
  { core, outlets, settings }: EventCore,
  { url, secrets }: { url: string; secrets: string[] },
  event: StoredEvent,
): Promise<Verdict> {
  const body = JSON.stringify(messageOf(event));
  const sent = await outlets.sender.send({
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/json',
      ...signatureHeaders({ id: event.id, at: core.now(), body }, secrets),
    },
    body,
    timeoutMs: settings.timeoutMs,
    maxBytes: MOST_ANSWER_BYTES,
  });
  return verdictOf(sent, core.now());
}

async function enqueue({ outlets }: EventCore, name: string, event: StoredEvent): Promise<Verdict> {
  try {
    // The event's id is the job's: a duplicate meets the first one for as long as BullMQ remembers it.
    await outlets.queue(name).add(event.type, messageOf(event), {
      jobId: event.id,
      attempts: 5,
      backoff: { type: 'exponential', delay: 1_000 },
      removeOnComplete: { age: DAY_S },
      removeOnFail: { age: 14 * DAY_S },
    });
    return { kind: 'delivered', lastStatus: null };
  } catch {
    return { kind: 'failed', lastStatus: null, lastError: 'The store of the queues did not take the event.' };
  }
}
