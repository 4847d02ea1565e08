import { fieldRefusal, newId, Refusal } from '#canonical';
import type { Delivery, SubscriptionCreate } from '#canonical';
import { EgressRefused } from '#outbound';
import { SealBroken } from '#persistence';
import type { StoredSubscription, Tx } from '#persistence';
import { attemptDelivery } from './attempt.js';
import { openSubscription, secretOwner } from './open-subscription.js';
import { deliveryOf } from './deliveries.js';
import type { EventCore } from './event-core.js';
import { assertEventPatterns } from './event-patterns.js';
import { assertQueueName, eventQueueName } from './queue-names.js';
import { endingOf } from './attempt-ending.js';
import { newSecret } from './signature.js';
import type { SubscriptionDetail } from './subscription-detail.js';
import { disableSubscription, noteHealth } from './subscription-health.js';

/** How long the previous secret keeps signing after a rotation. */
const SECRET_OVERLAP_MS = 24 * 3_600_000;
/** A person could not keep track of more. */
const MAX_PER_TENANT = 100;

/** Throws the refusal of an impossible subscription: an address that the egress guard forbids, or a reserved queue name. */
export async function assertSubscribable(
  { guard }: Pick<EventCore, 'guard'>,
  { target, events }: SubscriptionCreate,
): Promise<void> {
  assertEventPatterns(events);
  if (target.type === 'queue') return assertQueueName(target.name!);
  await guard.checkUrl(target.url!).catch((error: unknown) => {
    if (!(error instanceof EgressRefused)) throw error;
    throw fieldRefusal('/target/url', error.message);
  });
}

/** Creates a subscription that has passed `assertSubscribable`, in the caller's transaction; its secret is only in this answer. */
export async function createSubscription(
  events: EventCore,
  tx: Tx,
  tenantId: string,
  { target, events: patterns }: SubscriptionCreate,
): Promise<SubscriptionDetail> {
  const id = newId('sub');
  const secret = target.type === 'webhook' ? newSecret() : undefined;
  await events.subscriptions.insert(tx, {
    id,
    tenantId,
    targetType: target.type,
    url: target.url ?? null,
    queueName: target.name ?? null,
    events: patterns,
    secret: secret === undefined ? null : seal(events, { id, tenantId }, secret),
  });
  // Counted after the insert, whose trigger lets one subscription of a tenant in at a time: two cannot both be the last.
  if ((await events.subscriptions.count(tx, tenantId)) > MAX_PER_TENANT)
    throw new Refusal('state-conflict', {
      detail: `There can be at most ${MAX_PER_TENANT} subscriptions; delete one first.`,
    });
  return subscriptionView(events, (await events.subscriptions.find(tx, tenantId, id))!, { tx, secret });
}

/** Gives a webhook a new secret; the old one also signs for 24 hours. The new secret is only in this answer. */
export async function rotateSecret(
  events: EventCore,
  tx: Tx,
  tenantId: string,
  id: string,
): Promise<SubscriptionDetail> {
  const stored = await findSubscription(events, tx, tenantId, id);
  if (stored.targetType !== 'webhook')
    throw new Refusal('state-conflict', { detail: 'Only webhooks are signed; a queue has no secret.' });
  const secret = newSecret();
  if (!(await events.subscriptions.rotate(tx, id, seal(events, stored, secret), SECRET_OVERLAP_MS)))
    throw notFound(id);
  return subscriptionView(events, stored, { tx, secret });
}

/** Deletes a subscription; its pending deliveries are given up. */
export async function deleteSubscription(
  events: EventCore,
  tx: Tx,
  tenantId: string,
  id: string,
): Promise<void> {
  if (!(await events.subscriptions.remove(tx, tenantId, id))) throw notFound(id);
  await events.deliveries.giveUpUnwanted(tx);
}

/**
 * Sends a `subscription.test` event once and returns the result; nothing is retried. A test that succeeds is a delivery as any
 * other, and a disabled subscription becomes active again; a 410 disables it, as after any event. Throws `state-conflict` if its secret cannot be decrypted.
 */
export async function testSubscription(events: EventCore, tenantId: string, id: string): Promise<Delivery> {
  const { core, subscriptions, deliveries, outbox } = events;
  const { direct } = core.database;
  const stored = await findSubscription(events, direct, tenantId, id);
  const subscription = await openSubscription(events, stored).catch(refuseBroken(id));
  const deliveryId = await core.database.transaction(tx =>
    outbox.insertTest(tx, stored, 'subscription.test'),
  );
  const due = (await deliveries.withEvent(direct, deliveryId))!;
  const result = await attemptDelivery(events, subscription, due);
  const once = { settings: { ...events.settings, schedule: [0] } };
  await deliveries.settle(direct, [endingOf(once, due, result)]);
  if (result.kind === 'delivered') {
    await noteHealth(events, stored, true);
    await subscriptions.enable(direct, id);
  }
  if (result.kind === 'gone') await disableSubscription(events, stored, 'gone');
  return deliveryOf((await deliveries.find(direct, tenantId, deliveryId))!);
}

/** A tenant's subscription; throws `not-found`, also for another tenant's. */
export async function findSubscription(
  { subscriptions }: Pick<EventCore, 'subscriptions'>,
  tx: Tx,
  tenantId: string,
  id: string,
): Promise<StoredSubscription> {
  const stored = await subscriptions.find(tx, tenantId, id);
  if (!stored) throw notFound(id);
  return stored;
}

/** A subscription as shown by the API; `tx` is needed while the transaction that wrote it is still open. */
export async function subscriptionView(
  { core, tenants }: EventCore,
  stored: StoredSubscription,
  { tx = core.database.direct, secret }: { tx?: Tx; secret?: string } = {},
): Promise<SubscriptionDetail> {
  const { id, targetType, url, queueName, events, state, disabledReason, createdAt } = stored;
  const tenant = queueName === null ? null : await tenants.find(tx, stored.tenantId);
  return {
    id,
    target: targetType === 'webhook' ? { type: 'webhook', url: url! } : { type: 'queue', name: queueName! },
    events,
    state: state as SubscriptionDetail['state'],
    ...(disabledReason !== null && {
      disabledReason: disabledReason as SubscriptionDetail['disabledReason'],
    }),
    ...(tenant && { queue: eventQueueName(tenant.slug, queueName!) }),
    ...(secret !== undefined && { secret }),
    createdAt: createdAt.toISOString(),
  };
}

const refuseBroken =
  (id: string) =>
  (error: unknown): never => {
    if (!(error instanceof SealBroken)) throw error;
    throw new Refusal('state-conflict', {
      detail: `The signing secret of ${id} cannot be decrypted: it was altered or moved. Nothing was sent. Create a new one with POST /v1/subscriptions/${id}/rotate-secret.`,
      cause: error,
    });
  };

const seal = ({ core }: EventCore, subscription: { id: string; tenantId: string }, secret: string): Buffer =>
  core.vault.seal('webhook-secret', secretOwner(subscription), secret);

const notFound = (id: string): Refusal =>
  new Refusal('not-found', { detail: `There is no subscription ${id}.` });
