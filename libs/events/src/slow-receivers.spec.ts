import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { newId } from '#canonical';
import { expect, it } from 'vitest';
import { startWorld } from '../../../test/support/world.js';
import { createSubscription, openEvents, startEventWorkers } from './index.js';
import { startReceiver } from './testing/receiver.js';

it('a receiver that never answers delays no other, and attempts aborted by a stop are not counted', async () => {
  const world = await startWorld();
  const { direct } = world.core.database;
  const events = openEvents(world);
  const workers = await startEventWorkers(world, world.settings.databaseUrl, { timeoutMs: 60_000 });
  const silent = new Set<Socket>();
  const hole = createServer(socket => silent.add(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  await once(hole, 'listening');
  const healthy = await startReceiver();
  const subscribe = (url: string) =>
    createSubscription(events, direct, world.tenantId, { target: { type: 'webhook', url }, events: ['*'] });
  const stuck = await subscribe(`http://127.0.0.1:${(hole.address() as AddressInfo).port}/`);
  await subscribe(healthy.url);

  const happen = () =>
    world.core.database.transaction(async tx => {
      for (let nth = 0; nth < 50; nth++)
        await world.core.stores.events.append(tx, {
          tenantId: world.tenantId,
          connectionId: null,
          type: 'purchase.succeeded',
          resourceType: 'purchase',
          resourceId: newId('pur'),
          data: { state: 'succeeded' },
        });
    });
  await happen();
  await expect.poll(() => healthy.received.length).toBe(50);
  // Exactly the maximum of one receiver, while the next events go to others.
  await expect.poll(() => silent.size).toBe(16);
  await happen();
  await expect.poll(() => healthy.received.length).toBe(100);
  expect(silent.size).toBe(16);

  await workers.close();
  const left = await events.deliveries.page(direct, world.tenantId, { subscriptionId: stuck.id, limit: 100 });
  expect(left).toHaveLength(100);
  expect(left.every(({ status, attempts }) => status === 'pending' && attempts === 0)).toBe(true);

  hole.close();
  for (const socket of silent) socket.destroy();
  await healthy.close();
  await events.close();
  await world.close();
});
