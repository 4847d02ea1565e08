import type { Queue } from 'bullmq';
import type { DueDelivery, StoredEvent } from '#persistence';
import type { EventCore } from './event-core.js';
import { messageOf } from './message.js';
import type { OpenSubscription } from './open-subscription.js';
import { signatureHeaders } from './signature.js';
import { resultOf } from './attempt-result.js';
import type { AttemptResult } from './attempt-result.js';

const DAY_S = 24 * 3600;
/** The body of an answer is not needed, but a receiver may send a short one. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** An attempt like any other: it is retried by the schedule, counted, and visible in the list of deliveries. */
const SEALED: AttemptResult = {
  kind: 'failed',
  lastStatus: null,
  lastError:
    'Nothing was sent: the signing secret cannot be decrypted. Create a new one with POST /v1/subscriptions/{id}/rotate-secret.',
};

/** Makes one attempt to deliver an event. Never rejects. */
export async function attemptDelivery(
  events: EventCore,
  { target }: OpenSubscription,
  { event }: Pick<DueDelivery, 'event'>,
): Promise<AttemptResult> {
  if (target.type === 'sealed') return SEALED;
  return target.type === 'webhook' ? post(events, target, event) : enqueue(events, target.name, event);
}

async function post(
  { core, transports, settings }: EventCore,
  { url, secrets }: { url: string; secrets: string[] },
  event: StoredEvent,
): Promise<AttemptResult> {
  const body = JSON.stringify(messageOf(event));
  const sent = await transports.sender.send({
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/json',
      ...signatureHeaders({ id: event.id, at: core.now(), body }, secrets),
    },
    body,
    timeoutMs: settings.timeoutMs,
    maxBytes: MAX_ANSWER_BYTES,
  });
  return resultOf(sent, core.now());
}

async function enqueue({ transports }: EventCore, name: string, event: StoredEvent): Promise<AttemptResult> {
  try {
    const queue = await transports.queue(name);
    await forgetFailed(queue, event.id);
    // The job has the event's id, so BullMQ drops a duplicate for as long as it remembers the first.
    await queue.add(event.type, messageOf(event), {
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

/** A job that failed for good in the merchant's worker is remembered for days, and BullMQ would drop the replay as its duplicate. */
async function forgetFailed(queue: Queue, id: string): Promise<void> {
  const earlier = await queue.getJob(id);
  if (await earlier?.isFailed()) await earlier!.remove();
}
