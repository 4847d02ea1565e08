import { randomUUID } from 'node:crypto';
import { Refusal, newId } from '#canonical';
import type { GatewayEvent } from '#canonical';
import { createEgressGuard } from '#outbound';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startWorld } from '../../../test/support/world.js';
import type { World } from '../../../test/support/world.js';
import {
  assertSubscribable,
  createSubscription,
  deleteSubscription,
  openEvents,
  replayDelivery,
  rotateSecret,
  startEventWorkers,
  testSubscription,
} from './index.js';
import type { EventCore, EventWorkers } from './index.js';
import { startReceiver } from './testing/receiver.js';
import type { Received, Receiver } from './testing/receiver.js';

// Retries are found by a timer of one second.
const eventually = <T>(look: () => T) => expect.poll(look);

const verified = (received: Received, secret: string) =>
  new Webhook(secret).verify(received.body, received.headers as Record<string, string>) as GatewayEvent;

describe.each(['redis', 'postgres'] as const)('webhooks, queues on %s', store => {
  let world: World;
  let events: EventCore;
  let workers: EventWorkers;
  let receiver: Receiver;
  let tenantId: string;

  beforeAll(async () => {
    world = await startWorld({ store });
    events = openEvents(world);
    workers = await startEventWorkers(world, world.settings.databaseUrl, { schedule: [0, 20, 40] });
  });
  afterAll(async () => {
    await workers.close();
    await events.close();
    await world.close();
  });
  beforeEach(async () => {
    receiver = await startReceiver();
    const slug = `t-${randomUUID().slice(0, 8)}`;
    tenantId = (await world.tenants.ensure(world.core.database.direct, slug, slug)).id;
  });
  afterEach(() => receiver.close());

  const subscribe = (patterns: string[], url = receiver.url, of = tenantId) =>
    createSubscription(events, world.core.database.direct, of, {
      target: { type: 'webhook', url },
      events: patterns,
    });
  const happen = (type: string, resourceId = newId('pur'), of = tenantId) =>
    world.core.database.transaction(tx =>
      world.core.stores.events.append(tx, {
        tenantId: of,
        connectionId: null,
        type,
        resourceType: 'purchase',
        resourceId,
        data: { state: type.split('.')[1] },
      }),
    );
  const deliveries = () => events.deliveries.page(world.core.database.direct, tenantId, { limit: 100 });
  const statuses = async () => (await deliveries()).map(delivery => delivery.status);

  it('deliver a signed, thin event once', async () => {
    const { secret } = await subscribe(['purchase.*']);
    const purchase = newId('pur');
    await happen('purchase.succeeded', purchase);
    await eventually(statuses).toEqual(['delivered']);
    expect(receiver.received).toHaveLength(1);
    const [one] = receiver.received as [Received];
    expect(verified(one, secret!)).toEqual({
      id: one.headers['webhook-id'],
      type: 'purchase.succeeded',
      timestamp: expect.any(String),
      sequence: 1,
      data: { id: purchase, state: 'succeeded' },
    });
    expect(() => verified({ ...one, body: one.body.replace('succeeded', 'rejected') }, secret!)).toThrow();
  });

  it('deliver only the subscribed types, and only to the event’s own tenant', async () => {
    const other = await world.tenants.ensure(
      world.core.database.direct,
      `o-${randomUUID().slice(0, 8)}`,
      'Other',
    );
    await subscribe(['purchase.succeeded', 'hold.*']);
    await happen('purchase.succeeded', newId('pur'), other.id);
    await happen('purchase.rejected');
    await happen('holding.created');
    await happen('hold.created');
    await happen('purchase.succeeded');
    await eventually(statuses).toEqual(['delivered', 'delivered']);
    expect(receiver.received.map(({ event }) => event.type).toSorted()).toEqual([
      'hold.created',
      'purchase.succeeded',
    ]);
    const theirs = await events.deliveries.page(world.core.database.direct, other.id, { limit: 10 });
    expect(theirs).toEqual([]);
  });

  it('are repeated under the same id until the schedule ends, and again after a replay', async () => {
    const { secret } = await subscribe(['*']);
    receiver.answer(() => 500);
    await happen('purchase.succeeded');
    await eventually(statuses).toEqual(['dead']);
    const [dead] = await deliveries();
    expect(dead).toMatchObject({ attempts: 3, lastStatus: 500, lastError: 'The receiver answered 500.' });
    receiver.answer(() => 204);
    await replayDelivery(events, world.core.database.direct, tenantId, dead!.id);
    await eventually(statuses).toEqual(['delivered']);
    expect(receiver.received).toHaveLength(4);
    expect(new Set(receiver.received.map(one => verified(one, secret!).id)).size).toBe(1);
    expect(new Set(receiver.received.map(one => one.body)).size).toBe(1);
  });

  it('pause for as long as a busy receiver asks', async () => {
    await subscribe(['*']);
    receiver.answer(() => ({ status: 503, headers: { 'retry-after': '3600' } }));
    await happen('purchase.succeeded');
    await eventually(async () => (await deliveries())[0]?.attempts).toBe(1);
    const [{ waits }] = await world.core.database.source.query(
      `select extract(epoch from next_at - created_at)::float8 as waits from deliveries where tenant_id = $1`,
      [tenantId],
    );
    expect(waits).toBeGreaterThanOrEqual(3600);
    expect(await statuses()).toEqual(['pending']);
  });

  it('are signed with the old and the new secret after a rotation, with the new one alone after the overlap', async () => {
    const { id, secret: old } = await subscribe(['*']);
    const { secret: fresh } = await rotateSecret(events, world.core.database.direct, tenantId, id);
    expect(fresh).not.toBe(old);
    await happen('purchase.succeeded');
    await eventually(statuses).toEqual(['delivered']);
    expect(verified(receiver.received[0]!, old!).id).toBe(verified(receiver.received[0]!, fresh!).id);

    await world.core.database.source.query(`update subscriptions set previous_until = now() where id = $1`, [
      id,
    ]);
    await happen('purchase.rejected');
    await eventually(statuses).toEqual(['delivered', 'delivered']);
    expect(verified(receiver.received[1]!, fresh!).type).toBe('purchase.rejected');
    expect(() => verified(receiver.received[1]!, old!)).toThrow('No matching signature');
  });

  it('end at 410: the subscription is disabled with an event, and a successful test enables it again', async () => {
    const watcher = await startReceiver();
    await subscribe(['subscription.*', 'purchase.rejected'], watcher.url);
    const { id } = await subscribe(['purchase.*']);
    receiver.answer(() => 410);
    await happen('purchase.succeeded');
    await eventually(() => watcher.received.map(({ event }) => event)).toMatchObject([
      { type: 'subscription.disabled', data: { id, state: 'disabled', reason: 'gone' } },
    ]);
    await happen('purchase.rejected');
    // The watcher's copy shows that the event was fanned out while the subscription was disabled.
    await eventually(async () => (await deliveries()).length).toBe(3);
    const [gone] = (await deliveries()).filter(delivery => delivery.subscriptionId === id);
    expect(gone).toMatchObject({ status: 'dead', lastStatus: 410, attempts: 1 });
    await expect(
      replayDelivery(events, world.core.database.direct, tenantId, gone!.id),
    ).rejects.toMatchObject({
      code: 'state-conflict',
    });

    expect(await testSubscription(events, tenantId, id)).toMatchObject({ status: 'dead', lastStatus: 410 });
    receiver.answer(() => 204);
    expect(await testSubscription(events, tenantId, id)).toMatchObject({
      status: 'delivered',
      lastStatus: 204,
    });
    await replayDelivery(events, world.core.database.direct, tenantId, gone!.id);
    await eventually(() => receiver.received.map(({ event }) => event.type)).toEqual([
      'purchase.succeeded',
      'subscription.test',
      'subscription.test',
      'purchase.succeeded',
    ]);
    await watcher.close();
  });

  it('end also where a test gets the 410: what was pending is given up', async () => {
    const { id } = await subscribe(['purchase.*']);
    receiver.answer(() => ({ status: 503, headers: { 'retry-after': '3600' } }));
    await happen('purchase.succeeded');
    await eventually(async () => (await deliveries())[0]?.attempts).toBe(1);
    receiver.answer(() => 410);
    expect(await testSubscription(events, tenantId, id)).toMatchObject({ status: 'dead', lastStatus: 410 });
    const tested = await events.subscriptions.byId(world.core.database.direct, id);
    expect(tested).toMatchObject({ state: 'disabled', disabledReason: 'gone' });
    expect(await statuses()).toEqual(['dead', 'dead']);
  });

  it('disable a subscription after five days without a delivery, and none that had one', async () => {
    const failingFor = (id: string, days: number) =>
      world.core.database.source.query(
        `update subscriptions set failing_since = now() - $2 * interval '1 day' where id = $1`,
        [id, days],
      );
    const state = async (id: string) =>
      (await events.subscriptions.byId(world.core.database.direct, id))!.state;
    const doomed = await subscribe(['purchase.*']);
    await failingFor(doomed.id, 5.1);
    const saved = await startReceiver();
    const healthy = await subscribe(['purchase.*'], saved.url);
    await failingFor(healthy.id, 5.1);
    receiver.answer(() => 503);
    await happen('purchase.succeeded');
    await eventually(() => state(doomed.id)).toBe('disabled');
    await eventually(statuses).toContain('delivered');
    expect(await state(healthy.id)).toBe('active');
    await saved.close();
  });

  it('count a successful test as a delivery: one failure after it does not disable the subscription', async () => {
    const { source, direct } = world.core.database;
    const { id } = await subscribe(['purchase.*']);
    await source.query(`update subscriptions set failing_since = now() - interval '5.1 days' where id = $1`, [
      id,
    ]);
    expect(await testSubscription(events, tenantId, id)).toMatchObject({ status: 'delivered' });
    receiver.answer(() => 502);
    await happen('purchase.succeeded');
    await eventually(async () => (await statuses()).toSorted()).toEqual(['dead', 'delivered']);
    const failing = async () => (await events.subscriptions.byId(direct, id))!;
    await eventually(async () => (await failing()).failingSince).not.toBeNull();
    expect(await failing()).toMatchObject({ state: 'active' });
  });

  it('are delivered by any 2xx, also with a page that is too long to be read', async () => {
    await subscribe(['*']);
    receiver.answer(() => ({
      status: 200,
      headers: { 'content-length': '300000' },
      body: 'x'.repeat(300_000),
    }));
    await happen('purchase.succeeded');
    await eventually(statuses).toEqual(['delivered']);
    expect(receiver.received).toHaveLength(1);
  });

  it('follow no redirect and store nothing of a receiver’s answer', async () => {
    const elsewhere = await startReceiver();
    await subscribe(['*']);
    receiver.answer(() => ({ status: 307, headers: { location: elsewhere.url } }));
    await happen('purchase.succeeded');
    await eventually(statuses).toEqual(['dead']);
    expect(elsewhere.received).toEqual([]);
    const [row] = await world.core.database.source.query('select * from deliveries where tenant_id = $1', [
      tenantId,
    ]);
    expect(JSON.stringify(row)).not.toContain('nobody keeps');
    await elsewhere.close();
  });

  it('count a failed attempt that says why when their secret does not open, and are delivered after a rotation', async () => {
    const log = vi.spyOn(world.core, 'log');
    const [{ id }, other] = [await subscribe(['*']), await subscribe(['refund.*'])];
    const { source } = world.core.database;
    const moved =
      'update subscriptions set secret = (select secret from subscriptions where id = $2) where id = $1';
    await source.query(moved, [id, other.id]);
    await happen('purchase.succeeded');
    const told = expect.objectContaining({
      subscriptionId: id,
      error: expect.stringContaining('SealBroken'),
    });
    await eventually(() => log.mock.calls).toContainEqual(['warn', expect.any(String), told]);
    await eventually(statuses).toEqual(['dead']);
    const [given] = await events.deliveries.page(world.core.database.direct, tenantId, { limit: 1 });
    expect(given).toMatchObject({ attempts: 3, lastError: expect.stringContaining('rotate-secret') });
    expect(receiver.received).toEqual([]);
    await source.transaction(tx => rotateSecret(events, tx, tenantId, id));
    await source.transaction(tx => replayDelivery(events, tx, tenantId, given!.id));
    await eventually(statuses).toEqual(['delivered']);
    log.mockRestore();
  });

  it('stop when the subscription is deleted together with its secrets', async () => {
    const { id } = await subscribe(['*']);
    await deleteSubscription(events, world.core.database.direct, tenantId, id);
    await happen('purchase.succeeded');
    await subscribe(['hold.*']);
    await happen('hold.created');
    await eventually(statuses).toEqual(['delivered']);
    expect(receiver.received.map(({ event }) => event.type)).toEqual(['hold.created']);
    const stored = await events.subscriptions.byId(world.core.database.direct, id);
    expect(stored).toMatchObject({ state: 'deleted', secret: null, previousSecret: null });
    await expect(deleteSubscription(events, world.core.database.direct, tenantId, id)).rejects.toThrow(
      Refusal,
    );
  });

  it.each([
    'http://127.0.0.1/hooks',
    'https://127.0.0.1/hooks',
    'https://[::1]/hooks',
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.8/hooks',
    'https://2130706433/hooks',
    'http://example.com/hooks',
    'https://localhost/hooks',
  ])('may not go to %s', async url => {
    const guard = createEgressGuard({
      allow: [],
      resolve: async () => [{ address: '93.184.216.34', family: 4 }],
    });
    const asked = assertSubscribable({ guard }, { target: { type: 'webhook', url }, events: ['*'] });
    await expect(asked).rejects.toMatchObject({
      code: 'validation-failed',
      members: { errors: [{ pointer: '/target/url' }] },
    });
  });

  it('check the address at every connect: a name that now resolves to an internal address is not called', async () => {
    const inner = await startWorld({ store });
    // The same name as when it was saved; only what the guard lets through has changed.
    const strict = openEvents({ ...inner, guard: createEgressGuard({ allow: [] }) });
    const subscription = await createSubscription(strict, inner.core.database.direct, inner.tenantId, {
      target: { type: 'webhook', url: receiver.url },
      events: ['*'],
    });
    const tried = await testSubscription(strict, inner.tenantId, subscription.id);
    expect(tried).toMatchObject({ status: 'dead', lastError: expect.stringContaining('EGRESS_ALLOW') });
    expect(receiver.received).toEqual([]);
    await strict.close();
    await inner.close();
  });
});
