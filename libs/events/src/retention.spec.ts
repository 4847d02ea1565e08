import { newId } from '#canonical';
import { OutboxStore } from '#persistence';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { startWorld } from '../../../test/support/world.js';
import type { World } from '../../../test/support/world.js';
import { createSubscription, deleteSubscription, openEvents, startEventWorkers } from './index.js';
import type { EventCore } from './index.js';
import { eventQueueName } from './queue-names.js';
import { prune } from './retention.js';

let world: World;
let events: EventCore;

beforeAll(async () => {
  world = await startWorld();
  events = openEvents(world);
});
afterAll(async () => {
  await events.close();
  await world.close();
});

it('keeps pending events and those delivered within 30 days, and removes the rest', async () => {
  const { source, direct } = world.core.database;
  await createSubscription(events, direct, world.tenantId, {
    target: { type: 'queue', name: 'shop' },
    events: ['purchase.*'],
  });
  const resources = { waiting: newId('pur'), told: newId('pur'), old: newId('pur') };
  await world.core.database.transaction(async tx => {
    for (const resourceId of Object.values(resources))
      await world.core.stores.events.append(tx, {
        tenantId: world.tenantId,
        connectionId: null,
        type: 'purchase.succeeded',
        resourceType: 'purchase',
        resourceId,
        data: { state: 'succeeded' },
      });
  });
  await world.core.database.transaction(tx => new OutboxStore().fanOut(tx, 10));
  await source.query(`update events set created_at = now() - interval '31 days'`);
  await source.query(`update deliveries set created_at = now() - interval '31 days'`);
  const tell = (resourceId: string, ago: string) =>
    source.query(
      `update deliveries d set status = 'delivered', delivered_at = now() - $2::interval from events e
       where e.id = d.event_id and e.resource_id = $1`,
      [resourceId, ago],
    );
  await tell(resources.told, '2 days');
  await tell(resources.old, '31 days');

  await prune(events);

  const left = await events.outbox.page(direct, world.tenantId, { limit: 10 });
  expect(left.map(event => event.resourceId).toSorted()).toEqual(
    [resources.waiting, resources.told].toSorted(),
  );
  expect(await events.deliveries.page(direct, world.tenantId, { limit: 10 })).toHaveLength(2);
});

it('ends also while the store of the queues was never there', async () => {
  const { direct } = world.core.database;
  await createSubscription(events, direct, world.tenantId, {
    target: { type: 'queue', name: 'far-shop' },
    events: ['*'],
  });
  const queues = { redisUrl: 'redis://127.0.0.1:1', prefix: '{loyalty}' };
  const apart = openEvents({ ...world, queues });
  onTestFinished(() => apart.close());
  await expect(prune(apart)).rejects.toThrow('ECONNREFUSED');
});

const DAY_MS = 24 * 3_600_000;

it.each(['live', 'deleted'])(
  'removes jobs older than 14 days from the queue of a %s subscription',
  async state => {
    const { direct } = world.core.database;
    const { id } = await createSubscription(events, direct, world.tenantId, {
      target: { type: 'queue', name: `${state}-shop` },
      events: ['*'],
    });
    const queue = await events.transports.queue(eventQueueName('test', `${state}-shop`));
    for (const days of [13, 15])
      await queue.add(
        'purchase.succeeded',
        {},
        { jobId: `${days}-days`, timestamp: Date.now() - days * DAY_MS },
      );
    if (state === 'deleted') await deleteSubscription(events, direct, world.tenantId, id);

    await prune(events);

    expect((await queue.getWaiting()).map(job => job.id)).toEqual(['13-days']);
  },
);

it('keeps no worker from stopping', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  let removed!: (rows: number) => void;
  const removing = new Promise<number>(resolve => (removed = resolve));
  const pruned = vi.spyOn(OutboxStore.prototype, 'prune').mockReturnValue(removing);
  onTestFinished(() => {
    removed(0);
    pruned.mockRestore();
    vi.useRealTimers();
  });
  const workers = await startEventWorkers(world, world.settings.databaseUrl);
  vi.advanceTimersByTime(600_000);
  await vi.waitUntil(() => pruned.mock.calls.length > 0, { timeout: 60_000 });
  await workers.close();
});
