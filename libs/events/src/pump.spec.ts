import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { newId } from '#canonical';
import { expect, it } from 'vitest';
import { startWorld } from '../../../test/support/world.js';
import { fanOut } from './fan-out.js';
import { createSubscription, openEvents } from './index.js';
import { Pump } from './pump.js';

const TURNS = 200;

it('a pump that ends leaves its subscription to others, also when its heart was just beating', async () => {
  const world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
  const { database, stores } = world.core;
  const open = openEvents(world, { leaseMs: 300 });
  let delivered = false;
  let beats = 0;
  // The receiver answers while a heartbeat is on its way, and that arrives after the answer was written down.
  const takes: Promise<boolean>[] = [];
  const take: typeof open.subscriptions.takePump = async (...asked) => {
    if (beats++ > 0) {
      await expect.poll(() => delivered).toBe(true);
      for (let turn = 0; turn < TURNS; turn++) await nextTurn();
    }
    return open.subscriptions.takePump(...asked);
  };
  const takePump: typeof take = (...asked) => {
    const taken = take(...asked);
    takes.push(taken);
    return taken;
  };
  const settle: typeof open.deliveries.settle = async (...asked) => {
    await open.deliveries.settle(...asked);
    delivered = true;
  };
  const events = {
    ...open,
    subscriptions: Object.assign(Object.create(open.subscriptions), { takePump }),
    deliveries: Object.assign(Object.create(open.deliveries), { settle }),
  };
  const server = createServer((_request, response) => {
    const answer = async () => {
      await expect.poll(() => beats).toBeGreaterThan(1);
      response.writeHead(204).end();
    };
    void answer();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const { id } = await createSubscription(open, database.direct, world.tenantId, {
    target: { type: 'webhook', url },
    events: ['*'],
  });
  await stores.events.append(database.direct, {
    tenantId: world.tenantId,
    connectionId: null,
    type: 'purchase.succeeded',
    resourceType: 'purchase',
    resourceId: newId('pur'),
    data: { state: 'succeeded' },
  });
  await fanOut(open);
  await new Pump(events, id, () => false).run();
  expect(delivered).toBe(true);
  await Promise.all(takes);
  expect(await open.subscriptions.byId(database.direct, id)).toMatchObject({ pumpOwner: null });

  server.close();
  server.closeAllConnections();
  await open.close();
  await world.close();
});
