import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId } from '#canonical';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startWorld } from '../../../test/support/world.js';
import type { World } from '../../../test/support/world.js';
import { createSubscription, openEvents, startEventWorkers } from './index.js';
import type { EventCore, EventWorkers } from './index.js';
import { startReceiver } from './testing/receiver.js';

let world: World;
let events: EventCore;
let workers: EventWorkers;
let slow: SlowReceiver;

/** A receiver that answers only when it is told to. */
interface SlowReceiver {
  url: string;
  /** The ids of all events that were sent to it. */
  asked: string[];
  /** Its unanswered requests, the oldest first. */
  open: Set<ServerResponse>;
  close(): void;
}

async function startSlowReceiver(): Promise<SlowReceiver> {
  const asked: string[] = [];
  const open = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    asked.push(String(request.headers['webhook-id']));
    open.add(response.on('close', () => open.delete(response)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked, open, close };
}

beforeEach(async () => {
  world = await startWorld();
  events = openEvents(world);
  // No request ends by itself within a spec.
  workers = await startEventWorkers(world, world.settings.databaseUrl, { timeoutMs: 600_000 });
  slow = await startSlowReceiver();
});
afterEach(async () => {
  slow.close();
  await workers.close();
  await events.close();
  await world.close();
});

const subscribe = (url: string) =>
  createSubscription(events, world.core.database.direct, world.tenantId, {
    target: { type: 'webhook', url },
    events: ['*'],
  });

const happen = (many: number) =>
  world.core.database.transaction(async tx => {
    for (let nth = 0; nth < many; nth++)
      await world.core.stores.events.append(tx, {
        tenantId: world.tenantId,
        connectionId: null,
        type: 'purchase.succeeded',
        resourceType: 'purchase',
        resourceId: newId('pur'),
        data: { state: 'succeeded' },
      });
  });

it('a receiver that never answers delays no other, and attempts aborted by a stop are not counted', async () => {
  const healthy = await startReceiver();
  const stuck = await subscribe(slow.url);
  await subscribe(healthy.url);
  await happen(50);
  await expect.poll(() => healthy.received.length).toBe(50);
  // Exactly the maximum of one receiver, while the next events go to others.
  await expect.poll(() => slow.open.size).toBe(16);
  await happen(50);
  await expect.poll(() => healthy.received.length).toBe(100);
  expect(slow.asked).toHaveLength(16);

  await workers.close();
  const { direct } = world.core.database;
  const left = await events.deliveries.page(direct, world.tenantId, { subscriptionId: stuck.id, limit: 100 });
  expect(left).toHaveLength(100);
  expect(left.every(({ status, attempts }) => status === 'pending' && attempts === 0)).toBe(true);
  await healthy.close();
});

it('an unanswered request delays no other event of its receiver, up to 16 at once, and none is sent twice', async () => {
  await subscribe(slow.url);
  for (let nth = 1; nth <= 16; nth++) {
    await happen(1);
    await expect.poll(() => slow.asked.length).toBe(nth);
  }
  await happen(2);
  const waiting = async () =>
    (await events.deliveries.page(world.core.database.direct, world.tenantId, { limit: 100 })).length;
  await expect.poll(waiting).toBe(18);
  expect(slow.open.size).toBe(16);
  // Each answer lets one more in, while the others are still unanswered.
  for (const nth of [17, 18]) {
    [...slow.open].at(-1)!.writeHead(204).end();
    await expect.poll(() => slow.asked.length).toBe(nth);
  }
  expect(new Set(slow.asked).size).toBe(18);
});

it('sixteen subscriptions whose receivers do not answer delay no other', async () => {
  for (let nth = 0; nth < 16; nth++) await subscribe(slow.url);
  await happen(1);
  await expect.poll(() => slow.open.size).toBe(16);
  const healthy = await startReceiver();
  await subscribe(healthy.url);
  await happen(1);
  await expect.poll(() => healthy.received.length).toBe(1);
  await healthy.close();
});
